use std::io;

use axum::body::Bytes;
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use sha2::{Digest, Sha256};

type Content = BoxStream<'static, io::Result<Bytes>>;

/// The same content, which fails at its end unless it was what its sender had promised: so many bytes, with that SHA-256.
pub(crate) fn promised(content: Content, size: Option<u64>, sha256: Option<[u8; 32]>) -> Content {
    if size.is_none() && sha256.is_none() {
        return content;
    }
    let begun = (content, Sha256::new(), 0_u64);
    stream::try_unfold(begun, move |(mut content, mut hash, mut seen)| async move {
        let Some(piece) = content.try_next().await? else {
            let as_said = size.is_none_or(|size| size == seen)
                && sha256.is_none_or(|digest| digest == <[u8; 32]>::from(hash.finalize()));
            return if as_said {
                Ok(None)
            } else {
                Err(io::ErrorKind::InvalidData.into())
            };
        };
        seen += piece.len() as u64;
        if sha256.is_some() {
            hash.update(&piece);
        }
        Ok(Some((piece, (content, hash, seen))))
    })
    .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn passes(size: Option<u64>, sha256: Option<[u8; 32]>) -> bool {
        let pieces = [Ok(Bytes::from_static(b"ab")), Ok(Bytes::from_static(b"c"))];
        let content = promised(stream::iter(pieces).boxed(), size, sha256);
        content.try_collect::<Vec<_>>().await.is_ok()
    }

    #[tokio::test]
    async fn only_what_was_promised_is_taken() {
        let digest = Sha256::digest(b"abc").into();
        assert!(passes(None, None).await && passes(Some(3), Some(digest)).await);
        assert!(!passes(Some(2), None).await && !passes(Some(4), None).await);
        assert!(!passes(None, Some([0; 32])).await);
    }
}
