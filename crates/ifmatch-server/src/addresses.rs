//! Which addresses are loopback, private or otherwise not out in the world.

use http::Uri;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address that a URL names in figures; `None` for a name, which is looked at when it is
/// resolved.
pub(crate) fn literal(uri: &Uri) -> Option<IpAddr> {
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']');
    match host.parse() {
        Ok(address) => Some(address),
        Err(_) if host.eq_ignore_ascii_case("localhost") => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        Err(_) => None,
    }
}

/// Whether an address is not a public one: loopback, private, link-local (cloud metadata lives
/// there), shared, unspecified, multicast or reserved.
pub(crate) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (18..20).contains(&b))
        || (a == 192 && b == 0 && c == 0)
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    // An IPv4 address in IPv6 clothes: mapped (::ffff:0:0/96), or by way of NAT64 (64:ff9b::/96).
    let segments = address.segments();
    let embedded = segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_private_v4(inner);
    }
    if embedded {
        let [.., a, b, c, d] = address.octets();
        return is_private_v4(Ipv4Addr::new(a, b, c, d));
    }
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || segments[..6] == [0; 6]
}

#[cfg(test)]
mod tests {
    //! Behaviour of the address rules.

    use super::*;

    fn check(address: &str, private: bool) {
        assert_eq!(is_private(address.parse().unwrap()), private, "{address}");
    }

    #[test]
    fn only_public_addresses_are_public() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "::7f00:1",
        ] {
            check(private, true);
        }
        for public in ["1.1.1.1", "93.184.216.34", "100.128.0.1", "2606:4700::1111", "::ffff:1.1.1.1"] {
            check(public, false);
        }
    }

    #[test]
    fn a_url_with_a_literal_shows_it_at_once() {
        let address = |text: &str| literal(&text.parse().unwrap());
        assert_eq!(address("http://127.0.0.1:80/x"), Some("127.0.0.1".parse().unwrap()));
        assert_eq!(address("https://[::1]:443"), Some("::1".parse().unwrap()));
        assert_eq!(address("http://LOCALHOST"), Some("127.0.0.1".parse().unwrap()));
        assert_eq!(address("https://api.example.net"), None);
    }
}
