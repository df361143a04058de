use std::{collections::BTreeMap, io, sync::Arc};

use axum::{
    Extension, Json,
    extract::{Multipart, Path, State, multipart::MultipartError},
    response::{IntoResponse, Redirect, Response},
};
use futures::{StreamExt, TryStreamExt};
use serde_json::json;
use wynos::{
    control::{Import, ImportFormat, ImportId},
    import::{self, Announced, ConflictPolicy, FileSource, ImportOrder},
    ports::PresignedPut,
};

use crate::{
    App,
    api::read_digest,
    http::{Failure, Fields, Kind, Member, Visitor, checked_token},
    objects::{Limited, store_failure},
};

/// The most bytes of a field that is no file.
const MAX_FIELD: usize = 4_096;

/// The most fields before the file.
const MAX_FIELDS: usize = 20;

/// Makes the import that the form asks for, and the address to store the file at.
async fn make(
    app: &App,
    member: &Member,
    typed: &Fields,
    file_name: &str,
    announced: Announced,
) -> Result<(Import, PresignedPut), Failure> {
    member.must_change()?;
    let format: ImportFormat = typed
        .text("format")
        .parse()
        .map_err(|_| Failure::field("format"))?;
    let list = matches!(format, ImportFormat::Csv | ImportFormat::Xlsx);
    // Some browsers send a path; only its last part is the file's name.
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let order = ImportOrder {
        created_by: member.actor(),
        file_name: name
            .chars()
            .filter(|letter| !letter.is_control())
            .take(200)
            .collect(),
        format,
        table: typed
            .optional("table")
            .filter(|_| list)
            .map(ToOwned::to_owned),
        mapping: None,
        merge: typed.ticked("merge"),
        conflict: match typed.text("conflict") {
            "take_theirs" => ConflictPolicy::TakeTheirs,
            _ => ConflictPolicy::KeepOurs,
        },
        file: FileSource::Upload(announced),
        idempotency_key: typed.optional("order").map(ToOwned::to_owned),
    };
    let (import, put) = import::begin(&app.services, member.id(), order).await?;
    Ok((import, put.ok_or(Kind::Internal)?))
}

/// `POST …/imports/begin`: for the page's script, which stores the file by itself to show how far it has come.
pub(super) async fn begin(
    State(app): State<App>,
    member: Member,
    typed: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let name = typed
        .optional("file_name")
        .ok_or_else(|| Failure::field("file_name"))?;
    let announced = Announced {
        size: typed
            .optional("size")
            .map(str::parse)
            .transpose()
            .map_err(|_| Failure::field("size"))?,
        sha256: typed.optional("sha256").map(read_digest).transpose()?,
    };
    let (import, put) = make(&app, &member, &typed, name, announced).await?;
    let page = format!("{}/imports/{}", member.base(), import.id);
    let headers: BTreeMap<String, String> = put.headers.into_iter().collect();
    let answer = json!({ "upload_url": put.url.as_str(), "upload_headers": headers, "uploaded_url": format!("{page}/uploaded"), "page_url": page });
    Ok(Json(answer).into_response())
}

/// `POST …/imports/{id}/uploaded`: the script has stored the file.
pub(super) async fn uploaded(
    State(app): State<App>,
    member: Member,
    Path((_, id)): Path<(String, String)>,
    _: Fields,
) -> Result<Response, Failure> {
    member.must_change()?;
    let id: ImportId = id.parse().map_err(|_| Kind::NotFound)?;
    import::uploaded(&app.services, member.id(), &id, None).await?;
    Ok(Json(json!({})).into_response())
}

/// `POST …/imports`: the form as browsers send it without a script; the file goes to the object store while it comes.
pub(super) async fn form(
    State(app): State<App>,
    member: Member,
    Extension(visitor): Extension<Arc<Visitor>>,
    mut parts: Multipart,
) -> Result<Response, Failure> {
    let mut typed = Fields::default();
    for _ in 0..MAX_FIELDS {
        let Some(mut field) = parts.next_field().await.map_err(|error| broken(&error))? else {
            break;
        };
        let name = field.name().unwrap_or_default().to_owned();
        if name != "file" {
            let mut value = Vec::new();
            while let Some(piece) = field.chunk().await.map_err(|error| broken(&error))? {
                if value.len() + piece.len() > MAX_FIELD {
                    return Err(Failure::field(name));
                }
                value.extend_from_slice(&piece);
            }
            typed.push(name, String::from_utf8(value).map_err(|_| Kind::Malformed)?);
            continue;
        }
        // The token stands first in the form, so it is here before a byte of the file is kept.
        checked_token(&app, &visitor, typed.raw("csrf"))?;
        let file_name = field.file_name().unwrap_or_default().to_owned();
        if file_name.is_empty() {
            return Err(Failure::field("file"));
        }
        let (import, _) = make(&app, &member, &typed, &file_name, Announced::default()).await?;
        // The form sent again finds the file there and stores it anew under the same import.
        let content = field.into_stream().map_err(io::Error::other);
        store(&app, &import, content).await?;
        import::uploaded(&app.services, member.id(), &import.id, None).await?;
        let page = format!("{}/imports/{}", member.base(), import.id);
        return Ok(Redirect::to(&page).into_response());
    }
    Err(Failure::field("file"))
}

/// Stores the pieces of a field that lives no longer than the request: they are handed over through a channel.
async fn store(
    app: &App,
    import: &Import,
    content: impl futures::Stream<Item = io::Result<axum::body::Bytes>> + Send,
) -> Result<(), Failure> {
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let pieces = futures::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    let limit = app.services.settings.upload_limit;
    let limited = Limited::new(pieces.boxed(), limit);
    let storing = app.objects().put(&import.object_key, limited.boxed());
    let feeding = async move {
        let mut content = std::pin::pin!(content);
        let mut left = limit;
        while let Some(piece) = content.next().await {
            let length = piece.as_ref().map(|piece| piece.len() as u64);
            let Ok(length) = length else {
                let _ = sender.send(piece).await;
                break;
            };
            left = left.saturating_sub(length);
            // Whoever stores may have given up and says why, which browsers show once they have sent it all. What is too
            // long is not waited for.
            if sender.send(piece).await.is_err() && left == 0 {
                break;
            }
        }
    };
    let (stored, ()) = futures::join!(storing, feeding);
    stored.map(|_| ()).map_err(store_failure)
}

fn broken(error: &MultipartError) -> Failure {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        Kind::TooLarge.into()
    } else {
        Kind::Malformed.into()
    }
}
