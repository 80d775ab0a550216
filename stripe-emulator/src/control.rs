//! The control surface: what tests ask of the emulator, beside the API that it emulates.

use crate::api::add_card;
use crate::error::ApiError;
use crate::faults::{Disturbance, FaultRequest, Faults};
use crate::{Emulator, objects, payments};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub async fn add_fault(State(emulator): State<Emulator>, Json(fault): Json<FaultRequest>) -> StatusCode {
    emulator.faults().add(fault);
    StatusCode::NO_CONTENT
}

pub async fn clear_faults(State(emulator): State<Emulator>) -> StatusCode {
    *emulator.faults() = Faults::default();
    StatusCode::NO_CONTENT
}

pub async fn disturb_webhooks(State(emulator): State<Emulator>, Json(disturbance): Json<Disturbance>) -> StatusCode {
    emulator.faults().webhooks = disturbance;
    StatusCode::NO_CONTENT
}

pub async fn flush_webhooks(State(emulator): State<Emulator>) -> StatusCode {
    emulator.flush_events().await;
    StatusCode::NO_CONTENT
}

pub async fn state(State(emulator): State<Emulator>) -> Json<Value> {
    let state = emulator.lock();
    let mut objects: BTreeMap<&str, u64> = BTreeMap::new();
    for object in state.objects.values() {
        *objects.entry(crate::state::text(object, "object")).or_default() += 1;
    }
    Json(json!({ "objects": objects, "requests": state.requests, "outgoing": state.outgoing.len() }))
}

#[derive(Deserialize)]
pub struct PayRequest {
    card: String,
}

pub async fn pay_session(State(emulator): State<Emulator>, Path(id): Path<String>, Json(request): Json<PayRequest>) -> Response {
    answer(emulator.change(|state| {
        let method = add_card(state, &request.card, "12", "2040", objects::billing_details(None, None))?;
        payments::pay_session(state, &id, &method, true)
    }))
}

pub async fn expire_session(State(emulator): State<Emulator>, Path(id): Path<String>) -> Response {
    answer(emulator.change(|state| payments::expire(state, &id)))
}

fn answer<T>(result: Result<T, ApiError>) -> Response {
    match result {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => (StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST), Json(error.to_value())).into_response(),
    }
}
