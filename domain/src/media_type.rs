//! What browsers can do with a file of a media type. What none of them plays is offered to be kept: a player that stays black
//! helps nobody.

/// Played by the browsers of today without a program beside them.
pub fn is_sound(media_type: &str) -> bool {
    matches!(media_type, "audio/mpeg" | "audio/mp4" | "audio/wav" | "audio/ogg" | "audio/flac" | "audio/webm")
}

/// As [`is_sound`].
pub fn is_film(media_type: &str) -> bool {
    matches!(media_type, "video/mp4" | "video/webm")
}

/// Shown by every browser of today.
pub fn is_picture(media_type: &str) -> bool {
    matches!(media_type, "image/png" | "image/jpeg" | "image/webp" | "image/gif" | "image/avif")
}

/// Read in the browser.
pub fn is_text(media_type: &str) -> bool {
    matches!(media_type, "application/pdf" | "text/plain")
}

/// What browsers show by themselves without running anything.
pub fn is_shown(media_type: &str) -> bool {
    is_sound(media_type) || is_film(media_type) || is_picture(media_type) || is_text(media_type)
}
