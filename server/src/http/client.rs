//! Who asks: the address of the client, and what a proxy may say of it.

use crate::config::WebConfig;
use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// The address that a request came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// What rate limits count by: one address, or one network of IPv6.
    pub fn bucket(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
        }
    }
}

/// The rightmost address that is no proxy of ours; the peer itself when it is no proxy of ours.
///
/// Each proxy vouches for the entry to its left alone. Behind one that can't be read anything may have been written by
/// the client, so the last proxy that is known counts then.
fn resolve(peer: IpAddr, headers: &HeaderMap, config: &WebConfig) -> IpAddr {
    let is_ours = |ip: IpAddr| config.trusted_proxies.iter().any(|network| network.contains(&ip));
    let entries: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().flat_map(|value| value.to_str().unwrap_or_default().split(',')).collect();
    let mut seen = peer.to_canonical();
    for entry in entries.into_iter().rev() {
        if !is_ours(seen) {
            break;
        }
        let Some(ip) = address(entry.trim()) else { break };
        seen = ip;
    }
    seen
}

/// An entry of X-Forwarded-For: an address, with a port where the proxy writes one.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = || entry.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
    let ip = entry.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip())).or_else(bare)?;
    // A listener for both families sees IPv4 as ::ffff:a.b.c.d, and so may a proxy's.
    Some(ip.to_canonical())
}

impl<S> FromRequestParts<S> for ClientIp
where
    Arc<WebConfig>: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
        Ok(Self(resolve(peer, &parts.headers, &Arc::<WebConfig>::from_ref(state))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(proxies: &str) -> WebConfig {
        WebConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            base_url: String::new(),
            trusted_proxies: proxies.split(',').filter(|p| !p.is_empty()).map(|p| p.parse().unwrap()).collect(),
            rate_limit_scale: 1.0,
            drain: std::time::Duration::ZERO,
        }
    }

    fn seen(peer: &str, forwarded: &str, proxies: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        resolve(peer.parse().unwrap(), &headers, &config(proxies)).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_his_address() {
        assert_eq!(seen("203.0.113.9", "1.2.3.4", ""), "203.0.113.9");
        assert_eq!(seen("203.0.113.9", "1.2.3.4", "10.0.0.0/8"), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "10.0.0.0/8"), "1.2.3.4");
        assert_eq!(seen("10.0.0.1", "nonsense", "10.0.0.0/8"), "10.0.0.1");
    }

    #[test]
    fn what_cannot_be_read_hides_what_was_forged_before_it() {
        assert_eq!(seen("10.0.0.1", "6.6.6.6, unknown", "10.0.0.0/8"), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", "6.6.6.6, unknown, 10.0.0.2", "10.0.0.0/8"), "10.0.0.2");
        assert_eq!(seen("10.0.0.1", "6.6.6.6,", "10.0.0.0/8"), "10.0.0.1");
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "6.6.6.6".parse().unwrap());
        headers.append("x-forwarded-for", axum::http::HeaderValue::from_bytes(b"\xff").unwrap());
        assert_eq!(resolve(IpAddr::from([10, 0, 0, 1]), &headers, &config("10.0.0.0/8")), IpAddr::from([10, 0, 0, 1]));
    }

    #[test]
    fn an_address_may_come_with_a_port() {
        assert_eq!(seen("10.0.0.1", "6.6.6.6, 1.2.3.4:5678", "10.0.0.0/8"), "1.2.3.4");
        assert_eq!(seen("10.0.0.1", "6.6.6.6, [2001:db8::1]:443, 10.0.0.2:80", "10.0.0.0/8"), "2001:db8::1");
        assert_eq!(seen("10.0.0.1", "[2001:db8::1]", "10.0.0.0/8"), "2001:db8::1");
    }

    #[test]
    fn ipv4_is_ipv4_on_a_listener_for_both_families() {
        assert_eq!(seen("::ffff:203.0.113.9", "1.2.3.4", ""), "203.0.113.9");
        assert_eq!(seen("::ffff:10.0.0.1", "::ffff:1.2.3.4", "10.0.0.0/8"), "1.2.3.4");
        let bucket = |ip: &str| ClientIp(seen(ip, "", "").parse().unwrap()).bucket();
        assert_ne!(bucket("::ffff:203.0.113.9"), bucket("::ffff:203.0.113.10"));
        assert_eq!(bucket("2001:db8::1"), bucket("2001:db8::2"));
    }
}
