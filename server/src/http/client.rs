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

/// The rightmost address that no proxy of ours wrote; the peer itself when it is no proxy of ours.
fn resolve(peer: IpAddr, headers: &HeaderMap, config: &WebConfig) -> IpAddr {
    let is_ours = |ip: IpAddr| config.trusted_proxies.iter().any(|network| network.contains(&ip));
    if !is_ours(peer) {
        return peer;
    }
    let forwarded: Vec<IpAddr> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|ip| ip.trim().parse().ok())
        .collect();
    forwarded.into_iter().rev().find(|ip| !is_ours(*ip)).unwrap_or(peer)
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
}
