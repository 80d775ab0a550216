//! The pixels of a picture, when all of them are there.

use crate::{Error, Result, base::refusals};
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, Limits, RgbImage};
use std::io::Cursor;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// A picture is refused before it is decoded when it has more on one side, or in all. Cameras make less.
const MAX_SIDE: u32 = 12_000;
const MAX_PIXELS: u64 = 50_000_000;
/// Four bytes for each pixel, and some more to decode them.
const MAX_DECODER_BYTES: u64 = 512 * 1024 * 1024;

/// A picture, turned as its camera says, eight bits a channel.
pub(super) struct Decoded {
    pub picture: DynamicImage,
    /// An ICC profile: what colors the numbers mean.
    pub profile: Option<Vec<u8>>,
    /// There are more frames than this one.
    pub moves: bool,
}

/// Reads the first frame of a picture.
///
/// # Errors
/// Refuses what is no JPEG, PNG or WebP, is broken, is made for print, or has too many pixels.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded> {
    let source = Cursor::new(bytes);
    match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => jpeg(bytes),
        Ok(ImageFormat::Png) => {
            let decoder = PngDecoder::new(source).map_err(|_| broken())?;
            let moves = decoder.is_apng().map_err(|_| broken())?;
            pixels(decoder, moves)
        }
        Ok(ImageFormat::WebP) => {
            let decoder = WebPDecoder::new(source).map_err(|_| broken())?;
            let moves = decoder.has_animation();
            pixels(decoder, moves)
        }
        _ => Err(refusals::PICTURE_FORMAT.into()),
    }
}

fn broken() -> Error {
    refusals::PICTURE_BROKEN.into()
}

fn check_size(width: u32, height: u32) -> Result<()> {
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        let text = format!("This picture has {width} × {height} pixels. At most {MAX_SIDE} on a side and 50 million in all are taken.");
        return Err(Error::refused("picture_too_many_pixels", text));
    }
    Ok(())
}

fn pixels(mut decoder: impl ImageDecoder, moves: bool) -> Result<Decoded> {
    let unreadable = |_: ImageError| broken();
    let (width, height) = decoder.dimensions();
    check_size(width, height)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    decoder.set_limits(limits).map_err(unreadable)?;
    let orientation = decoder.orientation().map_err(unreadable)?;
    // A profile that can't be read is as none; the pixels are there all the same.
    let profile = decoder.icc_profile().ok().flatten();
    let picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    // Eight bits a channel are what is shown; transparency is kept where there is any.
    let is_see_through = picture.color().has_alpha() && picture.to_rgba8().pixels().any(|pixel| pixel.0[3] < 255);
    let mut picture: DynamicImage = if is_see_through { picture.into_rgba8().into() } else { picture.into_rgb8().into() };
    picture.apply_orientation(orientation);
    Ok(Decoded { picture, profile, moves })
}

/// As `image` does it, with a decoder that refuses what is damaged instead of drawing what is left of it.
fn jpeg(bytes: &[u8]) -> Result<Decoded> {
    if !has_end(bytes) {
        return Err(broken());
    }
    let options = DecoderOptions::default().set_strict_mode(true).set_max_width(usize::MAX).set_max_height(usize::MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|_| broken())?;
    let (width, height) = decoder.dimensions().ok_or_else(broken)?;
    let (width, height) = (u32::try_from(width).unwrap_or(u32::MAX), u32::try_from(height).unwrap_or(u32::MAX));
    check_size(width, height)?;
    let colors = match decoder.input_colorspace().ok_or_else(broken)? {
        ColorSpace::Luma => ColorSpace::Luma,
        ColorSpace::CMYK | ColorSpace::YCCK => {
            let text = "This picture is made for print (CMYK), and screens would show other colors. Save it as RGB and send that.";
            return Err(Error::refused("picture_format", text));
        }
        _ => ColorSpace::RGB,
    };
    let options = decoder.options().jpeg_set_out_colorspace(colors);
    decoder.set_options(options);
    let pixels = decoder.decode().map_err(|_| broken())?;
    let picture: Option<DynamicImage> = match colors {
        ColorSpace::Luma => GrayImage::from_raw(width, height, pixels).map(|gray| DynamicImage::from(gray).into_rgb8().into()),
        _ => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
    };
    let mut picture = picture.ok_or_else(broken)?;
    if let Some(orientation) = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif)) {
        picture.apply_orientation(orientation);
    }
    Ok(Decoded { picture, profile: decoder.icc_profile(), moves: false })
}

/// Whether a JPEG comes to its end, from marker to marker, past pixels and restarts, with none that has no place among pixels.
/// Source: ITU-T T.81, B.1.1 and B.2.1
fn has_end(bytes: &[u8]) -> bool {
    let (mut at, mut has_pixels) = (2, false);
    loop {
        let Some(next) = bytes.get(at..).and_then(|rest| rest.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff)))
        else {
            return false;
        };
        at += next + 2;
        match bytes[at - 1] {
            0xd9 => return true,
            // Restarts have no content.
            0xd0..=0xd7 => {}
            0xc4 | 0xcc | 0xda..=0xdd | 0xe0..=0xef | 0xfe => {
                has_pixels |= bytes[at - 1] == 0xda;
                let Some(length) = bytes.get(at..at + 2) else { return false };
                at += usize::from(u16::from_be_bytes([length[0], length[1]]));
            }
            // A frame begins once, and not among pixels.
            _ if has_pixels => return false,
            _ => {
                let Some(length) = bytes.get(at..at + 2) else { return false };
                at += usize::from(u16::from_be_bytes([length[0], length[1]]));
            }
        }
    }
}
