//! Ten thousand requests that nobody would send: no panic, no answer that was not meant, and the books still balance.

use super::*;

/// Requests; the same at every run.
const REQUESTS: u64 = 10_000;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const METHODS: &[&str] = &[
    "POST", "POST", "POST", "GET", "PUT", "HEAD", "OPTIONS", "PATCH",
];
const PATHS: &[&str] = &[
    "/v1/events",
    "/v1/events",
    "/v1/events",
    "/v1/events?ack=memory",
    "/v1/events?ack=%00",
    "/purchase/knife",
    "/purchase/%F0%9F%97%A1",
    "/purchase/%ff",
    "/purchase/%2e%2e",
    "/purchase/a%0d%0ab",
    "/join_a_guild",
    "/v1/query",
    "/v1/query?group_by=%22",
    "/v1/query?where=a%3D'",
    "/v1/query?group_by=event_type&limit=18446744073709551616",
    "/v1/quarantine?limit=0",
    "/v1/quarantine?from=0/18446744073709551615/0&limit=2",
    "/v1/quarantine?group_by=reason",
    "/v1/lake/%2e%2e/%2e%2e/etc/passwd",
    "/v1/lake/purchases",
    "/metrics",
    "//",
    "/..",
];
const TYPES: &[&str] = &[
    "application/json",
    "application/json; charset=utf-8",
    "application/json; charset=\"",
    "application/x-ndjson",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
    "text/plain;charset=UTF-8",
    "text/csv",
    "",
    ";",
    "application/problem+json;;;=",
    "multipart/form-data; boundary=x",
];
const CODINGS: &[&str] = &[
    "",
    "",
    "",
    "gzip",
    "zstd",
    "identity",
    "gzip, gzip",
    "br",
    ",",
    "deflate",
];
const SEEDS: &[&str] = &[
    r#"{"event_type":"knife purchased","id":"1","n":9007199254740993}"#,
    r#"[{"event_type":"x"},{"event_type":""},{"event_type":7},null,[],{}]"#,
    "{\"event_type\":\"a\"}\n{\"event_type\":\"b\"\n\n\r\n{}",
    r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"a":[1,2]}}"#,
    r#"{"event_type":"x","timestamp":"9999-12-31T23:59:60Z","id":18446744073709551616}"#,
    r#"{"event_type":"\ud800","id":"\u0000"}"#,
    r#"{"group-by":"event_type","where":"a = 'b' and (","limit":-1}"#,
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "\u{feff}{\"event_type\":\"x\"}",
    "",
    "null",
    "\"",
];

/// A body: one of the seeds, harmed in some places, compressed now and then.
fn body(random: &mut Random, coding: &str) -> Vec<u8> {
    let mut body = random.pick(SEEDS).repeat(1 + random.below(3)).into_bytes();
    for _ in 0..random.below(4) {
        if body.is_empty() {
            break;
        }
        let at = random.below(body.len());
        match random.below(4) {
            0 => body[at] = random.next() as u8,
            1 => drop(body.remove(at)),
            2 => body.insert(at, random.next() as u8),
            _ => body.truncate(at),
        }
    }
    let packed = match coding {
        "zstd" => zstd::encode_all(&body[..], 1).unwrap(),
        _ => return body,
    };
    let end = packed.len() - random.below(3).min(packed.len());
    packed[..end].to_vec()
}

fn request(random: &mut Random) -> Request<Body> {
    let coding = random.pick(CODINGS);
    let mut request = Request::builder()
        .method(random.pick(METHODS))
        .uri(random.pick(PATHS));
    for (name, value) in [
        ("content-type", random.pick(TYPES)),
        ("content-encoding", coding),
        (
            "origin",
            random.pick(&["", "", "", "null", "https://evil.example"]),
        ),
        (
            "range",
            random.pick(&["", "", "bytes=0-", "bytes=9-1", "bytes=-"]),
        ),
        ("ce-specversion", random.pick(&["", "", "", "1.0", "0.3"])),
        ("ce-type", random.pick(&["", "x", "%ff", "%"])),
        ("ce-id", random.pick(&["", "1"])),
        ("ce-source", random.pick(&["", "/s"])),
        ("idempotency-key", random.pick(&["", "", "k", "caf\u{e9}"])),
        ("x-request-id", random.pick(&["", "r-1", "a b"])),
        ("last-event-id", random.pick(&["", "0/1", "x"])),
        ("authorization", random.pick(&["", "Bearer", "Basic ???"])),
    ] {
        if !value.is_empty() {
            request = request.header(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
    }
    request.body(body(random, coding).into()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_sent_brings_an_answer_that_was_not_meant() {
    let server = Server::new();
    let mut random = Random(7);
    let mut statuses = std::collections::BTreeMap::<u16, u32>::new();
    for number in 0..REQUESTS {
        let request = request(&mut random);
        let shown = format!("{number}: {request:?}");
        let has_body = request.method() != "HEAD";
        let answer = server.send(request).await;
        let status = answer.status.as_u16();
        *statuses.entry(status).or_default() += 1;
        assert!(status < 500, "{shown}: {}", answer.text());
        if has_body && status >= 400 && answer.header("content-type") == "application/problem+json"
        {
            let problem = answer.problem();
            assert!(
                !problem.is_empty() && !problem.contains("panick"),
                "{shown}"
            );
        }
        assert_eq!(
            answer.header("x-content-type-options"),
            "nosniff",
            "{shown}"
        );
    }
    // It was no exercise in one kind of refusal.
    for status in [200, 400, 405, 415, 422] {
        assert!(statuses.contains_key(&status), "{statuses:?}");
    }
    let sums = server.app.quarantine.sums();
    let accepted = server.app.log.end();
    let counted = accepted + sums.all_duplicate() + sums.still_rejected();
    assert_eq!(sums.all_received(accepted), counted);
    assert!(sums.rejected > 100 && accepted > 30, "{sums:?}, {accepted}");
}
