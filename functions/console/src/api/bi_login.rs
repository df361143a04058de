use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use wynos::access;

use super::{caller::Writer, problem::Problem};
use crate::{App, http::Failure};

/// What a BI tool signs in with. The password is shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct BiLogin {
    /// The name to sign in with.
    user: String,
    /// The password.
    password: String,
    /// The database to open, on the server of the installation.
    database: String,
    /// The schema that the tables and views are in.
    schema: String,
}

/// Makes the login by which BI tools read the copy and the reports on PostgreSQL, or gives it a new password.
#[utoipa::path(
    post, path = "/api/v1/bi-login", tag = "tables",
    responses((status = 201, body = BiLogin), (status = 422, body = Problem, description = "The data is in a file here, or its server does not let logins be made."))
)]
pub(crate) async fn renew(
    State(app): State<App>,
    caller: Writer,
) -> Result<(StatusCode, Json<BiLogin>), Failure> {
    let by = caller.actor();
    let made = access::renew_bi_login(&app.services, caller.subscription(), &by).await?;
    let login = BiLogin {
        user: made.user,
        password: made.password,
        database: made.database,
        schema: made.schema,
    };
    Ok((StatusCode::CREATED, Json(login)))
}

/// Takes that login away.
#[utoipa::path(
    delete, path = "/api/v1/bi-login", tag = "tables",
    responses((status = 204, description = "It is gone."), (status = 422, body = Problem))
)]
pub(crate) async fn revoke(State(app): State<App>, caller: Writer) -> Result<StatusCode, Failure> {
    let by = caller.actor();
    access::revoke_bi_login(&app.services, caller.subscription(), &by).await?;
    Ok(StatusCode::NO_CONTENT)
}
