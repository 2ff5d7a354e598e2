//! Where a server listens, as it says itself. `xtask` compiles this file too, so that it need not build this crate.

use std::net::SocketAddr;

/// The address in a line such as `listening on http://127.0.0.1:41234`, whatever stands around it.
pub(crate) fn address_in(line: &str) -> Option<SocketAddr> {
    let after = line.split("http://").nth(1)?;
    let end = after.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':'));
    after[..end.unwrap_or(after.len())].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_what_a_server_says() {
        let wanted = "127.0.0.1:41234".parse().ok();
        for line in [
            "listening on http://127.0.0.1:41234",
            "The page is on http://127.0.0.1:41234/ now.",
            "[INFO] Listening at: http://127.0.0.1:41234 (77)",
        ] {
            assert_eq!(address_in(line), wanted, "{line}");
        }
        assert_eq!(address_in("starting"), None);
    }
}
