use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use wynos::ports::MasterKey;

use super::{Failure, Kind};

/// A file that pages are made with; its name holds its version, so that browsers may keep it for good.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    content: &'static str,
    path: String,
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        asset_of(
            "console.css",
            "text/css; charset=utf-8",
            include_str!("../../assets/console.css"),
        ),
        asset_of(
            "console.js",
            "text/javascript; charset=utf-8",
            include_str!("../../assets/console.js"),
        ),
        asset_of(
            "icon.svg",
            "image/svg+xml",
            include_str!("../../assets/icon.svg"),
        ),
    ]
});

fn asset_of(name: &'static str, content_type: &'static str, content: &'static str) -> Asset {
    // Any fixed key makes a digest of the content.
    let digest = MasterKey::new(1, [0; 32])
        .derive(wynos::ports::KeyName::ObjectUrl)
        .mac(&[content.as_bytes()]);
    let version = HEXLOWER.encode(digest.get(..6).unwrap_or_default());
    Asset {
        name,
        content_type,
        content,
        path: format!("/assets/{version}/{name}"),
    }
}

/// The path of the asset of this name.
pub(crate) fn asset_path(name: &str) -> &'static str {
    ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .map_or("/", |asset| &asset.path)
}

/// Gives an asset out.
pub(crate) async fn asset(
    Path((version, name)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let path = format!("/assets/{version}/{name}");
    let asset = ASSETS
        .iter()
        .find(|asset| asset.path == path)
        .ok_or(Kind::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, asset.content).into_response())
}
