//! Screens and programs that show pictures without their profile take the numbers for sRGB.

use image::DynamicImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Turns the colors that a profile gives a picture into those of sRGB. A profile that can't be read, or is not of such a picture, is
/// as none, as it is to browsers.
pub(super) fn to_srgb(picture: &mut DynamicImage, profile: &[u8]) {
    let Ok(profile) = ColorProfile::new_from_slice(profile) else { return };
    let converted = match (profile.color_space, &*picture) {
        (DataColorSpace::Rgb, DynamicImage::ImageRgb8(pixels)) => converted(&profile, pixels, Layout::Rgb, Layout::Rgb),
        (DataColorSpace::Rgb, DynamicImage::ImageRgba8(pixels)) => converted(&profile, pixels, Layout::Rgba, Layout::Rgba),
        (DataColorSpace::Gray, DynamicImage::ImageRgb8(pixels)) => {
            let gray: Vec<u8> = pixels.chunks_exact(3).map(|pixel| pixel[0]).collect();
            converted(&profile, &gray, Layout::Gray, Layout::Rgb)
        }
        _ => None,
    };
    let Some(converted) = converted else { return };
    match picture {
        DynamicImage::ImageRgb8(pixels) => pixels.copy_from_slice(&converted),
        DynamicImage::ImageRgba8(pixels) => pixels.copy_from_slice(&converted),
        _ => {}
    }
}

fn converted(profile: &ColorProfile, pixels: &[u8], from: Layout, to: Layout) -> Option<Vec<u8>> {
    let transform = profile.create_transform_8bit(from, &ColorProfile::new_srgb(), to, TransformOptions::default()).ok()?;
    let mut converted = vec![0; pixels.len() / from.channels() * to.channels()];
    transform.transform(pixels, &mut converted).ok()?;
    Some(converted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::jpeg::JpegEncoder;
    use image::codecs::png::PngEncoder;
    use image::codecs::webp::WebPEncoder;
    use image::{ImageEncoder, RgbImage, Rgba, RgbaImage};

    /// sRGB with red and blue in each other's place.
    fn swapped() -> Vec<u8> {
        let mut profile = ColorProfile::new_srgb();
        std::mem::swap(&mut profile.red_colorant, &mut profile.blue_colorant);
        profile.cicp = None;
        profile.encode().unwrap()
    }

    fn near(a: [u8; 3], b: [u8; 3]) -> bool {
        a.into_iter().zip(b).all(|(a, b)| a.abs_diff(b) <= 6)
    }

    fn with_profile<E: ImageEncoder>(mut encoder: E, profile: Vec<u8>, picture: &DynamicImage) {
        encoder.set_icc_profile(profile).unwrap();
        encoder.write_image(picture.as_bytes(), picture.width(), picture.height(), picture.color().into()).unwrap();
    }

    #[test]
    fn pictures_with_a_profile_keep_their_colors() {
        let red: DynamicImage = RgbImage::from_pixel(400, 20, image::Rgb([220, 30, 40])).into();
        let (mut jpeg, mut png, mut webp) = (Vec::new(), Vec::new(), Vec::new());
        with_profile(JpegEncoder::new_with_quality(&mut jpeg, 95), swapped(), &red);
        with_profile(PngEncoder::new(&mut png), swapped(), &red);
        with_profile(WebPEncoder::new_lossless(&mut webp), swapped(), &red);
        for (name, bytes) in [("jpeg", jpeg), ("png", png), ("webp", webp)] {
            let drawing = super::super::draw_now(&bytes).unwrap();
            for drawn in drawing.smaller.iter().chain([&drawing.whole, &drawing.shared]) {
                let seen = image::load_from_memory(&drawn.bytes).unwrap().to_rgb8().get_pixel(10, 10).0;
                assert!(near(seen, [40, 30, 220]), "{name}: {seen:?}");
            }
        }
    }

    #[test]
    fn a_wide_profile_is_converted_and_what_can_be_seen_through_stays_so() {
        let mut bytes = Vec::new();
        let glass: DynamicImage = RgbaImage::from_pixel(20, 20, Rgba([100, 200, 100, 128])).into();
        with_profile(PngEncoder::new(&mut bytes), ColorProfile::new_adobe_rgb().encode().unwrap(), &glass);
        let seen = image::load_from_memory(&super::super::draw_now(&bytes).unwrap().whole.bytes).unwrap().to_rgba8().get_pixel(5, 5).0;
        assert!(seen[0] < 60 && seen[3] == 128, "{seen:?}");
        let mut bytes = Vec::new();
        with_profile(PngEncoder::new(&mut bytes), ColorProfile::new_srgb().encode().unwrap(), &glass);
        let seen = image::load_from_memory(&super::super::draw_now(&bytes).unwrap().whole.bytes).unwrap().to_rgba8().get_pixel(5, 5).0;
        assert!(near([seen[0], seen[1], seen[2]], [100, 200, 100]), "{seen:?}");
    }

    #[test]
    fn a_profile_that_is_none_changes_nothing() {
        let mut bytes = Vec::new();
        let red: DynamicImage = RgbImage::from_pixel(20, 20, image::Rgb([220, 30, 40])).into();
        with_profile(PngEncoder::new(&mut bytes), b"no profile".to_vec(), &red);
        let seen = image::load_from_memory(&super::super::draw_now(&bytes).unwrap().whole.bytes).unwrap().to_rgb8().get_pixel(5, 5).0;
        assert!(near(seen, [220, 30, 40]), "{seen:?}");
    }

    #[test]
    fn a_gray_profile_is_followed() {
        let mut bytes = Vec::new();
        let gray: DynamicImage = image::GrayImage::from_pixel(20, 20, image::Luma([128])).into();
        with_profile(PngEncoder::new(&mut bytes), ColorProfile::new_gray_with_gamma(1.0).encode().unwrap(), &gray);
        let seen = image::load_from_memory(&super::super::draw_now(&bytes).unwrap().whole.bytes).unwrap().to_rgb8().get_pixel(5, 5).0;
        assert!(near(seen, [188, 188, 188]), "{seen:?}");
    }
}
