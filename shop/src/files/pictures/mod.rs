//! Covers and pictures are drawn anew: nothing but pixels is left of what was sent, in several widths, in the colors that screens show.

mod colors;
mod decode;
mod dominant;

use crate::{Error, Result, base::refusals};
use bytes::Bytes;
use domain::files::MAX_PICTURE_BYTES;
use fast_image_resize::Resizer;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, RgbImage, Rgba};
use tokio::sync::Semaphore;

/// What cards, pages and screens of twice the density show.
const WIDTHS: [u32; 3] = [320, 640, 1280];
/// No page shows more of a picture than this, in either direction.
const MAX_SHOWN: u32 = 2400;
const JPEG_QUALITY: u8 = 85;
/// What programs show of a link: none shows more than this, and some take no more bytes.
const SHARED_SIDE: u32 = 1200;
const MAX_SHARED_BYTES: usize = 600 * 1024;
/// Tried in this order until it is small enough.
const SHARED_QUALITIES: [u8; 5] = [85, 75, 60, 45, 30];

/// The code of the warning that a picture moved.
pub(crate) const MOVES: &str = "picture_moves";

/// A warning in words; nothing for a code that is not about pictures.
pub(crate) fn warning_text(code: &str) -> Option<&'static str> {
    (code == MOVES).then_some("This picture moves. Only its first frame is shown.")
}

/// One picture is drawn at a time: each takes a core and up to some hundred megabytes.
static DRAWING: Semaphore = Semaphore::const_new(1);

/// A picture in one width.
#[derive(Debug)]
pub(crate) struct Drawn {
    pub bytes: Bytes,
    pub media_type: &'static str,
    pub width: u32,
    pub height: u32,
}

/// A picture in all its widths.
#[derive(Debug)]
pub(crate) struct Drawing {
    /// As large as it is shown.
    pub whole: Drawn,
    /// Narrow to wide.
    pub smaller: Vec<Drawn>,
    /// A JPEG that stands beside links to the shop, in mails and chats.
    pub shared: Drawn,
    /// What most of it has, as `#rrggbb`; none where it can be seen through.
    pub color: Option<String>,
    /// A code of [`warning_text`]; empty where nothing is odd.
    pub warning: &'static str,
}

/// Draws a picture in all its widths.
///
/// # Errors
/// Refuses what is no JPEG, PNG or WebP, is broken, is made for print, or has too many pixels.
pub(crate) async fn draw(bytes: Bytes) -> Result<Drawing> {
    if bytes.len() as i64 > MAX_PICTURE_BYTES {
        return Err(too_large());
    }
    let _turn = DRAWING.acquire().await.map_err(anyhow::Error::from)?;
    tokio::task::spawn_blocking(move || draw_now(&bytes)).await.map_err(anyhow::Error::from)?
}

/// What is seen of a picture that is kept as it came.
#[derive(Debug, Default)]
pub(crate) struct Look {
    /// Pixels.
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub color: Option<String>,
}

/// Looks at a picture without drawing it anew; nothing is known of what can't be read.
pub(crate) async fn look(bytes: Bytes) -> Result<Look> {
    let _turn = DRAWING.acquire().await.map_err(anyhow::Error::from)?;
    let look = move || {
        let Ok(decode::Decoded { picture, .. }) = decode::decode(&bytes) else { return Ok(Look::default()) };
        let (width, height) = (picture.width().into(), picture.height().into());
        Ok(Look { width: Some(width), height: Some(height), color: dominant::color(&picture)? })
    };
    tokio::task::spawn_blocking(look).await.map_err(anyhow::Error::from)?
}

pub(crate) fn too_large() -> Error {
    refusals::PICTURE_TOO_LARGE.into()
}

fn draw_now(bytes: &[u8]) -> Result<Drawing> {
    let decoded = decode::decode(bytes)?;
    let mut whole = fitting(&decoded.picture, MAX_SHOWN)?;
    drop(decoded.picture);
    if let Some(profile) = &decoded.profile {
        colors::to_srgb(&mut whole, profile);
    }
    let mut smaller = Vec::new();
    for width in WIDTHS.into_iter().filter(|width| *width < whole.width()) {
        let height = scaled(whole.height(), width, whole.width());
        smaller.push(encode(&resized(&whole, width, height)?)?);
    }
    let warning = if decoded.moves { MOVES } else { "" };
    Ok(Drawing { shared: shared(&whole)?, color: dominant::color(&whole)?, whole: encode(&whole)?, smaller, warning })
}

/// A JPEG that every program shows and none finds too large. Where it can be seen through it lies on white.
fn shared(picture: &DynamicImage) -> Result<Drawn> {
    let small = fitting(picture, SHARED_SIDE)?;
    let small = match small {
        DynamicImage::ImageRgba8(seen_through) => on_white(&seen_through).into(),
        other => other,
    };
    let mut bytes = Vec::new();
    for quality in SHARED_QUALITIES {
        bytes.clear();
        small.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality)).map_err(anyhow::Error::from)?;
        if bytes.len() <= MAX_SHARED_BYTES {
            break;
        }
    }
    Ok(Drawn { bytes: bytes.into(), media_type: "image/jpeg", width: small.width(), height: small.height() })
}

fn on_white(picture: &image::RgbaImage) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let Rgba([r, g, b, a]) = *picture.get_pixel(x, y);
        let mix = |c: u8| ((u16::from(c) * u16::from(a) + 255 * (255 - u16::from(a)) + 127) / 255) as u8;
        image::Rgb([mix(r), mix(g), mix(b)])
    })
}

/// The picture, made smaller where a side is longer than this.
fn fitting(picture: &DynamicImage, side: u32) -> Result<DynamicImage> {
    let longest = picture.width().max(picture.height());
    if longest <= side {
        return Ok(picture.clone());
    }
    resized(picture, scaled(picture.width(), side, longest), scaled(picture.height(), side, longest))
}

fn scaled(length: u32, to: u32, from: u32) -> u32 {
    u32::try_from((u64::from(length) * u64::from(to) + u64::from(from) / 2) / u64::from(from)).unwrap_or(1).max(1)
}

fn resized(picture: &DynamicImage, width: u32, height: u32) -> Result<DynamicImage> {
    let mut small = DynamicImage::new(width, height, picture.color());
    Resizer::new().resize(picture, &mut small, None).map_err(anyhow::Error::from)?;
    Ok(small)
}

/// Lossless where that is no larger, as of drawings and screens; else JPEG. What is seen through is lossless.
fn encode(picture: &DynamicImage) -> Result<Drawn> {
    let mut exact = Vec::new();
    picture.write_with_encoder(WebPEncoder::new_lossless(&mut exact)).map_err(anyhow::Error::from)?;
    let mut chosen = (exact, "image/webp");
    if !picture.color().has_alpha() {
        let mut lossy = Vec::new();
        picture.write_with_encoder(JpegEncoder::new_with_quality(&mut lossy, JPEG_QUALITY)).map_err(anyhow::Error::from)?;
        if lossy.len() < chosen.0.len() {
            chosen = (lossy, "image/jpeg");
        }
    }
    Ok(Drawn { bytes: chosen.0.into(), media_type: chosen.1, width: picture.width(), height: picture.height() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::ImageFormat;
    use std::io::Cursor;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = DynamicImage::from(image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 99])));
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    fn code(bytes: &[u8]) -> &'static str {
        draw_now(bytes).map(|_| "drawn").unwrap_or_else(|error| error.answer().1)
    }

    #[test]
    fn a_picture_comes_in_every_width_that_it_has() {
        let Drawing { whole, smaller, shared, .. } = draw_now(&png(3000, 1500)).unwrap();
        assert_eq!((whole.width, whole.height), (2400, 1200));
        assert_eq!(smaller.iter().map(|size| (size.width, size.height)).collect::<Vec<_>>(), [(320, 160), (640, 320), (1280, 640)]);
        assert_eq!((shared.width, shared.height, shared.media_type), (1200, 600, "image/jpeg"));
        let Drawing { whole, smaller, .. } = draw_now(&png(500, 3)).unwrap();
        assert_eq!((whole.width, whole.height, smaller.len()), (500, 3, 1));
    }

    #[test]
    fn a_photograph_is_turned_and_tells_nothing_of_its_camera() {
        let mut jpeg = Vec::new();
        let picture = DynamicImage::from(image::RgbImage::from_pixel(60, 30, image::Rgb([200, 10, 10])));
        picture.write_to(&mut Cursor::new(&mut jpeg), ImageFormat::Jpeg).unwrap();
        // An EXIF block that says "turned by a quarter" (orientation 6), as cameras write it, and names one.
        let tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0SecretCamera";
        let mut exif = b"\xff\xe1".to_vec();
        exif.extend_from_slice(&((2 + 6 + tiff.len()) as u16).to_be_bytes());
        exif.extend_from_slice(b"Exif\0\0");
        exif.extend_from_slice(tiff);
        jpeg.splice(2..2, exif);
        let whole = draw_now(&jpeg).unwrap().whole;
        assert_eq!((whole.width, whole.height), (30, 60));
        assert!(!whole.bytes.windows(12).any(|window| window == b"SecretCamera"));
    }

    fn jpeg(picture: &DynamicImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).unwrap();
        bytes
    }

    fn noise(width: u32, height: u32) -> DynamicImage {
        let mut seed = 1u32;
        let mut next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        };
        RgbImage::from_fn(width, height, |_, _| image::Rgb([next(), next(), next()])).into()
    }

    #[test]
    fn what_links_show_is_a_jpeg_of_bearable_size() {
        let shared = draw_now(&jpeg(&noise(1600, 1600))).unwrap().shared;
        assert_eq!((shared.width, shared.height), (1200, 1200));
        assert!(shared.bytes.len() <= MAX_SHARED_BYTES, "{}", shared.bytes.len());
        let mut bytes = Vec::new();
        let glass = image::RgbaImage::from_pixel(40, 40, Rgba([0, 0, 0, 0]));
        DynamicImage::from(glass).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        let Drawing { whole, shared, .. } = draw_now(&bytes).unwrap();
        assert_eq!(whole.media_type, "image/webp");
        assert_eq!(image::load_from_memory(&shared.bytes).unwrap().to_rgb8().get_pixel(20, 20).0, [255, 255, 255]);
    }

    #[test]
    fn half_a_jpeg_is_none() {
        let plain = jpeg(&noise(160, 120));
        assert_eq!(draw_now(&plain).unwrap().warning, "");
        let progressive = include_bytes!("progressive.jpg");
        draw_now(progressive).unwrap();
        for whole in [&plain[..], progressive] {
            for percent in [5, 40, 60, 90, 99] {
                let cut = &whole[..whole.len() * percent / 100];
                assert_eq!(code(cut), "picture_broken", "{percent} % of {}", whole.len());
            }
            assert_eq!(code(&whole[..whole.len() - 2]), "picture_broken", "without its end");
            // What cameras put behind it is not looked at.
            draw_now(&[whole, b"a film of a second"].concat()).unwrap();
        }
        // What is no code, and what has no place among pixels. Bytes that happen to be codes are drawn as such, as every decoder does.
        let middle = plain.len() / 2;
        for garbage in [b"\xff\xc0\0\x11garbage".repeat(20), noise(20, 20).into_bytes()] {
            let mut broken = plain.clone();
            broken[middle..middle + garbage.len()].copy_from_slice(&garbage);
            assert_eq!(code(&broken), "picture_broken", "{:?}", &garbage[..4]);
        }
    }

    #[test]
    fn what_is_made_for_print_is_refused_in_words() {
        let refused = draw_now(include_bytes!("cmyk.jpg")).unwrap_err();
        let (_, code, text) = refused.answer();
        assert!(code == "picture_format" && text.contains("CMYK"), "{text}");
    }

    #[test]
    fn what_is_no_picture_is_refused_in_words() {
        for (bytes, expected) in [
            (&b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..], "picture_format"),
            (b"<!doctype html><script>alert(1)</script>", "picture_format"),
            (b"\x7fELF\x02\x01\x01", "picture_format"),
            (b"MZ\x90\0", "picture_format"),
            (b"GIF89a\x01\0\x01\0", "picture_format"),
            (b"%PDF-1.7", "picture_format"),
            (b"", "picture_format"),
            (b"\x89PNG\r\n\x1a\n", "picture_broken"),
            (&png(40, 40)[..60], "picture_broken"),
            (b"\xff\xd8\xff", "picture_broken"),
        ] {
            assert_eq!(code(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_flood_of_pixels_is_refused_before_it_is_decoded() {
        // The head of a PNG that says how large it is; no pixel follows.
        for (width, height) in [(20_000u32, 20_000u32), (12_001, 1), (9_000, 9_000)] {
            let mut head = b"IHDR".to_vec();
            head.extend_from_slice(&width.to_be_bytes());
            head.extend_from_slice(&height.to_be_bytes());
            head.extend_from_slice(&[8, 2, 0, 0, 0]);
            let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
            bytes.extend_from_slice(&head);
            bytes.extend_from_slice(&crc32(&head).to_be_bytes());
            bytes.extend_from_slice(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
            assert_eq!(code(&bytes), "picture_too_many_pixels", "{width} x {height}");
        }
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
        })
    }
}
