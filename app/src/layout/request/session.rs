//! The session of a member.

use domain::member::MemberView;
use http::request::Parts;
use leptos::prelude::use_context;
use shop::accounts::sessions::{SessionId, SignIn};
use tower_sessions_core::Session;

/// The session of the request; what serves the pages has put it there.
pub(super) fn session() -> Option<Session> {
    use_context::<Parts>()?.extensions.get().cloned()
}

/// The session that the visitor's cookie names, be it open or over.
pub fn session_id() -> Option<SessionId> {
    Some(session()?.id()?.0.into())
}

/// The member who signed in with this session. Asked for again, it is answered from what was read.
pub async fn member_of(session: &Session) -> shop::Result<Option<MemberView>> {
    let sign_in = session.get::<SignIn>(SignIn::KEY).await.map_err(unreadable)?;
    Ok(sign_in.map(|sign_in| sign_in.member))
}

/// The store of the sessions has said why in the log.
pub(super) fn unreadable(_: tower_sessions_core::session::Error) -> shop::Error {
    shop::Error::unavailable("unavailable", "The shop can't look up who is signed in at the moment. Please try again shortly.")
}

/// Stands beside a request for a page that a member looks at; what serves the pages puts it there before the page is made.
#[derive(Clone, Copy)]
pub struct MemberLooks;

/// Whether a member looks at this page. Pages that are kept for everybody are nobody's.
pub fn is_member() -> bool {
    use_context::<Parts>().is_some_and(|parts| parts.extensions.get::<MemberLooks>().is_some())
}

/// The member who is signed in; nobody for strangers.
pub async fn signed_in() -> shop::Result<Option<MemberView>> {
    match session() {
        Some(session) => member_of(&session).await,
        None => Ok(None),
    }
}

/// Ends the session on the server and in the browser.
pub async fn end_session() -> shop::Result<()> {
    match session() {
        Some(session) if session.id().is_some() => session.flush().await.map_err(unreadable),
        _ => Ok(()),
    }
}
