//! `SHOP_RATE_LIMIT_SCALE`: load tests raise it.

pub(crate) fn scale(text: Option<&str>) -> anyhow::Result<f64> {
    let Some(text) = text else { return Ok(1.0) };
    text.parse()
        .ok()
        .filter(|scale: &f64| scale.is_finite() && *scale > 0.0)
        .ok_or_else(|| anyhow::anyhow!("SHOP_RATE_LIMIT_SCALE is a number above 0"))
}
