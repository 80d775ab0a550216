//! The control surface: what tests ask of the emulator, beside the API that it emulates.

use crate::api::{add_method, public};
use crate::error::ApiError;
use crate::faults::{Disturbance, FaultRequest, Faults};
use crate::state::number;
use crate::{Emulator, objects, rules};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

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

pub async fn settle(State(emulator): State<Emulator>) -> StatusCode {
    emulator.change(rules::run_all);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    millis: Option<u32>,
}

pub async fn set_pace(State(emulator): State<Emulator>, Json(pace): Json<Pace>) -> StatusCode {
    emulator.change(|state| {
        state.pace_millis = pace.millis.map(i64::from);
        state.revision += 1;
    });
    StatusCode::NO_CONTENT
}

pub async fn state(State(emulator): State<Emulator>) -> Json<Value> {
    let state = emulator.lock();
    let counts = state.counts();
    let sessions = counts.get("checkout.session").copied().unwrap_or(0);
    Json(json!({
        "objects": counts, "requests": state.requests, "sessions": sessions, "open_sessions": state.open.len(), "later": state.later.len(),
        "webhooks_under_way": emulator.inner.sender.under_way() + state.outgoing.len(),
    }))
}

/// Who pays a session, and with what.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// The number of a test card.
    pub card: String,
    pub email: Option<String>,
    pub name: Option<String>,
    /// Where the buyer lives: two letters of ISO 3166.
    pub country: Option<String>,
}

/// Pays as the page does; 3-D Secure is answered with yes.
pub async fn pay_session(State(emulator): State<Emulator>, Path(id): Path<String>, Json(payment): Json<Payment>) -> Response {
    answer(&pay(&emulator, &id, &payment))
}

pub fn pay(emulator: &Emulator, id: &str, payment: &Payment) -> Result<Value, ApiError> {
    emulator.change(|state| {
        let session = state.load_object("checkout.session", id, "session")?;
        state.update(id, json!({ "_buyer": { "email": payment.email, "name": payment.name, "country": payment.country } }));
        if number(&session, "amount_total") == 0 {
            rules::complete_free(state, id)?;
        } else {
            let email = payment.email.as_deref().or(session["customer_email"].as_str());
            let method = add_method(
                state,
                &payment.card.replace([' ', '-'], ""),
                "12",
                "2040",
                objects::billing_details(email, payment.name.as_deref()),
            )?;
            rules::pay(state, id, &method, true)?;
        }
        state.load_object("checkout.session", id, "session")
    })
}

pub async fn expire_session(State(emulator): State<Emulator>, Path(id): Path<String>) -> Response {
    answer(&emulator.change(|state| {
        rules::expire(state, &id)?;
        state.load_object("checkout.session", &id, "session")
    }))
}

fn answer(result: &Result<Value, ApiError>) -> Response {
    match result {
        Ok(session) => Json(public(session)).into_response(),
        Err(error) => {
            (StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST), Json(public(&error.to_value()))).into_response()
        }
    }
}
