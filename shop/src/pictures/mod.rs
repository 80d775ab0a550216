//! Covers and pictures are drawn anew: nothing but pixels is left of what was sent, in several widths.

use crate::{Error, Refusal, Result};
use bytes::Bytes;
use domain::files::MAX_PICTURE_BYTES;
use fast_image_resize::Resizer;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;
use tokio::sync::Semaphore;

/// What cards, pages and screens of twice the density show.
const WIDTHS: [u32; 3] = [320, 640, 1280];
/// No page shows more of a picture than this, in either direction.
const MAX_SHOWN: u32 = 2400;
/// A picture is refused before it is decoded when it has more on one side, or in all. Cameras make less.
const MAX_SIDE: u32 = 12_000;
const MAX_PIXELS: u64 = 50_000_000;
/// Four bytes for each pixel, and some more to decode them.
const MAX_DECODER_BYTES: u64 = 512 * 1024 * 1024;
const JPEG_QUALITY: u8 = 85;

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

/// The picture as large as it is shown, then smaller ones, narrow to wide.
///
/// # Errors
/// Refuses what is no JPEG, PNG or WebP, is broken, or has too many pixels.
pub(crate) async fn draw(bytes: Bytes) -> Result<(Drawn, Vec<Drawn>)> {
    if bytes.len() as i64 > MAX_PICTURE_BYTES {
        return Err(too_large());
    }
    let _turn = DRAWING.acquire().await.map_err(anyhow::Error::from)?;
    tokio::task::spawn_blocking(move || draw_now(&bytes)).await.map_err(anyhow::Error::from)?
}

pub(crate) fn too_large() -> Error {
    let text = format!("A picture has at most {} MB. Save it smaller and try again.", MAX_PICTURE_BYTES / (1024 * 1024));
    Error::Refused(Refusal::new("picture_too_large", text).with_status(413))
}

fn draw_now(bytes: &[u8]) -> Result<(Drawn, Vec<Drawn>)> {
    let picture = decode(bytes)?;
    let whole = fitting(&picture, MAX_SHOWN)?;
    let mut smaller = Vec::new();
    for width in WIDTHS.into_iter().filter(|width| *width < whole.width()) {
        let height = scaled(whole.height(), width, whole.width());
        smaller.push(encode(&resized(&whole, width, height)?)?);
    }
    Ok((encode(&whole)?, smaller))
}

fn decode(bytes: &[u8]) -> Result<DynamicImage> {
    let broken = |_| Error::refused("picture_broken", "This picture can't be read to its end. Save it again and send that.");
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(anyhow::Error::from)?;
    if !matches!(reader.format(), Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) {
        return Err(Error::refused("picture_format", "This is no JPEG, PNG or WebP picture. Save it as one of these."));
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        let text = format!("This picture has {width} × {height} pixels. At most {MAX_SIDE} on a side and 50 million in all are taken.");
        return Err(Error::refused("picture_too_many_pixels", text));
    }
    let orientation = decoder.orientation().map_err(broken)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    picture.apply_orientation(orientation);
    // Eight bits a channel are what is shown; transparency is kept where there is any.
    let is_see_through = picture.color().has_alpha() && picture.to_rgba8().pixels().any(|pixel| pixel.0[3] < 255);
    Ok(if is_see_through { picture.into_rgba8().into() } else { picture.into_rgb8().into() })
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

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = DynamicImage::from(image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 99])));
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    fn code(bytes: &[u8]) -> &'static str {
        draw_now(bytes).unwrap_err().answer().1
    }

    #[test]
    fn a_picture_comes_in_every_width_that_it_has() {
        let (whole, smaller) = draw_now(&png(3000, 1500)).unwrap();
        assert_eq!((whole.width, whole.height), (2400, 1200));
        assert_eq!(smaller.iter().map(|size| (size.width, size.height)).collect::<Vec<_>>(), [(320, 160), (640, 320), (1280, 640)]);
        let (whole, smaller) = draw_now(&png(500, 3)).unwrap();
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
        let (whole, _) = draw_now(&jpeg).unwrap();
        assert_eq!((whole.width, whole.height), (30, 60));
        assert!(!whole.bytes.windows(12).any(|window| window == b"SecretCamera"));
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
