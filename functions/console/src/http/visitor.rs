use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderMap, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use data_encoding::BASE64URL_NOPAD;
use wynos::{
    catalog::Locale,
    control::{Account, Session},
    ports::random_text,
};

use super::{Failure, Kind, cookies, language};
use crate::{App, pages::failure_page};

/// Whoever is asking for a page, signed in or not.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// The language to answer in: the account's, else the browser's.
    pub(crate) locale: Locale,
    /// The account and session, when signed in.
    pub(crate) signed_in: Option<(Account, Session)>,
    /// The token that the forms on this visitor's pages carry.
    pub(crate) csrf: String,
    visit: String,
    new_visit: bool,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    pub(crate) visitor: Arc<Visitor>,
    pub(crate) account: Account,
    pub(crate) session: Session,
}

/// Layer: finds out who is asking, and turns a failure into a page in their language.
pub(crate) async fn visit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let visitor = match Visitor::recognise(&app, request.headers()).await {
        Ok(visitor) => Arc::new(visitor),
        Err(failure) => {
            let stranger = Visitor::stranger(&app, request.headers());
            return failure_page(&stranger, &failure, "/");
        }
    };
    let asked = request.uri().path().to_owned();
    let path = own_path(&request);
    request.extensions_mut().insert(Arc::clone(&visitor));
    let mut response = next.run(request).await;
    if let Some(failure) = failure_of(&mut response) {
        response = if failure.kind == Kind::SignInFirst {
            Redirect::to(&sign_in_path(&path)).into_response()
        } else {
            failure_page(&visitor, &failure, &asked)
        };
    }
    if visitor.new_visit
        && let Some(cookie) = app.cookies.set(app.cookies.visit(), &visitor.visit)
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Where to come back to after signing in: what was asked for, when it can be asked for again.
fn own_path(request: &Request) -> String {
    let again = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request
        .uri()
        .path_and_query()
        .filter(|_| again || request.uri().path().starts_with("/d/"));
    path.map_or_else(|| "/".to_owned(), ToString::to_string)
}

/// The sign-in page that leads back to `next`.
pub(crate) fn sign_in_path(next: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if next != "/" {
        query.append_pair("next", next);
    }
    match query.finish() {
        query if query.is_empty() => "/sign-in".to_owned(),
        query => format!("/sign-in?{query}"),
    }
}

/// The failure that a response stands for; what the framework refused by itself counts too.
pub(crate) fn failure_of(response: &mut Response) -> Option<Failure> {
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        return Some(failure);
    }
    let kind = match response.status().as_u16() {
        405 => Kind::MethodNotAllowed,
        413 => Kind::TooLarge,
        400 | 415 | 422 => Kind::Malformed,
        _ => return None,
    };
    // What a handler answers itself has a type; the framework's refusals are bare or plain text.
    let type_of = response.headers().get(header::CONTENT_TYPE);
    let plain = type_of.is_none_or(|value| value.as_bytes().starts_with(b"text/plain"));
    plain.then(|| Failure::of(kind))
}

impl Visitor {
    async fn recognise(app: &App, headers: &HeaderMap) -> Result<Self, Failure> {
        let mut visitor = Self::stranger(app, headers);
        let Some(token) = cookies::read(headers, app.cookies.session()) else {
            return Ok(visitor);
        };
        let control = &app.services.control;
        let Some(session) = control
            .sessions()
            .find(token, app.services.clock.now())
            .await?
        else {
            return Ok(visitor);
        };
        let account = control.accounts().get(&session.account_id).await?;
        visitor.locale = account.locale;
        visitor.csrf = session.csrf_token(&app.services.keys.csrf);
        visitor.new_visit = false;
        visitor.signed_in = Some((account, session));
        Ok(visitor)
    }

    fn stranger(app: &App, headers: &HeaderMap) -> Self {
        let known = cookies::read(headers, app.cookies.visit());
        let new_visit = known.is_none();
        let visit = known.map_or_else(random_text::<26>, ToOwned::to_owned);
        let mac = app
            .services
            .keys
            .csrf
            .current()
            .mac(&[b"visit", visit.as_bytes()]);
        Self {
            locale: language::from_header(headers),
            signed_in: None,
            csrf: BASE64URL_NOPAD.encode(&mac),
            visit,
            new_visit,
        }
    }

    /// Somebody who reads a page without a form.
    pub(crate) fn reader(locale: Locale) -> Self {
        Self {
            locale,
            signed_in: None,
            csrf: String::new(),
            visit: String::new(),
            new_visit: false,
        }
    }

    /// Whether a form came from a page of this visitor; takes the same time whichever character differs.
    pub(crate) fn sent(&self, app: &App, token: &str) -> bool {
        let keys = &app.services.keys.csrf;
        if let Some((_, session)) = &self.signed_in {
            return session.csrf_matches(keys, token);
        }
        // A visit that begins with this very request cannot have been shown a form.
        let Ok(mac) = BASE64URL_NOPAD.decode(token.as_bytes()) else {
            return false;
        };
        !self.new_visit
            && keys
                .current()
                .verify(&[b"visit", self.visit.as_bytes()], &mac)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let visitor = parts
            .extensions
            .get::<Arc<Visitor>>()
            .ok_or(Kind::Internal)?;
        let (account, session) = visitor.signed_in.clone().ok_or(Kind::SignInFirst)?;
        Ok(Self {
            visitor: Arc::clone(visitor),
            account,
            session,
        })
    }
}

/// The network address that a request comes from, as whoever runs the router tells by [`ConnectInfo`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        // Without one, all share the allowance of one address: more throttled, never less.
        Ok(Self(
            peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip()),
        ))
    }
}
