//! The color that most of a picture has: a plane of it stands on the shelf until the picture is there.

use super::resized;
use crate::Result;
use image::DynamicImage;
use std::collections::HashMap;

/// Enough pixels to tell, and few to count.
const SIDE: u32 = 48;
/// Colors whose channels have the same highest bits, this many of each, count as one.
const BITS: u32 = 3;

/// The mean of the colors that are most of a picture, as `#rrggbb`. A picture that can be seen through has none: what stands in its
/// place would show behind it.
pub(super) fn color(picture: &DynamicImage) -> Result<Option<String>> {
    if picture.color().has_alpha() {
        return Ok(None);
    }
    let small = resized(picture, picture.width().min(SIDE), picture.height().min(SIDE))?.into_rgb8();
    let mut alike: HashMap<[u8; 3], (u32, [u32; 3])> = HashMap::new();
    for pixel in small.pixels() {
        let (n, sums) = alike.entry(pixel.0.map(|channel| channel >> (8 - BITS))).or_default();
        *n += 1;
        for (sum, channel) in sums.iter_mut().zip(pixel.0) {
            *sum += u32::from(channel);
        }
    }
    let most = alike.into_iter().max_by_key(|(key, (n, _))| (*n, *key));
    Ok(most.map(|(_, (n, sums))| {
        let [r, g, b] = sums.map(|sum| sum / n);
        format!("#{r:02x}{g:02x}{b:02x}")
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    #[test]
    fn a_picture_has_the_color_that_most_of_it_has() {
        let mostly_red = RgbImage::from_fn(200, 300, |x, y| match (x, y) {
            (_, 200..) => Rgb([10, 20, 200]),
            (x, _) if x % 2 == 0 => Rgb([200, 30, 40]),
            _ => Rgb([204, 34, 44]),
        });
        // Made smaller on other machines a channel may be one off.
        let seen = color(&mostly_red.into()).unwrap().unwrap();
        assert!(["#ca2029", "#ca202a", "#c92029", "#c9202a"].contains(&seen.as_str()), "{seen}");
        let dot = RgbImage::from_pixel(1, 1, Rgb([255, 255, 255]));
        assert_eq!(color(&dot.into()).unwrap().as_deref(), Some("#ffffff"));
    }

    #[test]
    fn nothing_stands_behind_what_can_be_seen_through() {
        let glass = RgbaImage::from_pixel(40, 40, Rgba([10, 20, 30, 128]));
        assert_eq!(color(&glass.into()).unwrap(), None);
    }
}
