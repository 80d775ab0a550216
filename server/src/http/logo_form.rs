//! `POST /dashboard/settings/logo`: the logo, in a plain form.

use super::upload_form::{broken, lead_to, send, trouble};
use crate::state::AppState;
use app::layout::request::{member_of, with_notice};
use app::layout::with_query;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::response::Response;
use domain::member::Permission;
use futures::channel::mpsc::channel;
use shop::Error;
use shop::accounts::audit::Actor;
use std::pin::pin;
use tower_sessions::Session;

const PAGE: &str = "/dashboard/settings";

pub async fn take(State(state): State<AppState>, session: Session, form: Result<Multipart, MultipartRejection>) -> Response {
    let outcome = match member_of(&session).await {
        Ok(None) => return lead_to(&with_query("/sign-in", &[("next", PAGE)])),
        Ok(Some(member)) if !member.role.may(Permission::EditSettings) => Err(Error::Forbidden),
        Ok(Some(member)) => match form {
            Ok(form) => keep(&state, &(&member).into(), form).await,
            Err(_) => Err(broken()),
        },
        Err(error) => Err(error),
    };
    lead_to(&with_notice(PAGE, outcome.map_or_else(|error| trouble(&error), |()| "saved")))
}

async fn keep(state: &AppState, by: &Actor, mut form: Multipart) -> shop::Result<()> {
    let field = loop {
        match form.next_field().await.map_err(|_| broken())? {
            Some(field) if field.name() == Some("file") => break field,
            Some(_) => {}
            None => return Err(shop::base::refusals::FILE_NAME_INVALID.into()),
        }
    };
    let name = field.file_name().unwrap_or_default().to_owned();
    if name.is_empty() {
        return Err(shop::base::refusals::FILE_NAME_INVALID.into());
    }
    let (mut pieces, body) = channel(1);
    let mut setting = pin!(shop::stores::logo::set(&state.shop, by, &name, Box::pin(body)));
    tokio::select! {
        early = &mut setting => return early,
        () = send(field, &mut pieces) => {}
    }
    drop(pieces);
    setting.await
}
