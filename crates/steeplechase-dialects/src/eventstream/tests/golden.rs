//! Messages byte for byte. They were made with another implementation of the format.

use super::*;

const EVENT: &str = "00000083000000518f0874490b3a6576656e742d7479706507000b6d65737361676553746f700d3a636f6e7465\
                     6e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070005657665\
                     6e747b2273746f70526561736f6e223a22656e645f7475726e222c2270223a226162227de5af7f2a";
const EXCEPTION: &str = "000000860000006788526ea00f3a657863657074696f6e2d747970650700196d6f64656c53747265616d4572726f\
                         72457863657074696f6e0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d\
                         6573736167652d74797065070009657863657074696f6e7b226d657373616765223a2278227d9edb3d7c";
const ERROR: &str = "0000005c0000004ce7abf0180d3a6d6573736167652d747970650700056572726f720b3a6572726f722d636f6465\
                     07000d496e7465726e616c4572726f720e3a6572726f722d6d65737361676507000869742062726f6b65c0c21ee3";
const EVERY_TYPE: &str = "00000063000000523ed5e22c017400016601016202fe017303fed4016904fffeee90016c05fffffffed5fa0e0001\
                          7906000200ff01780700074772c3bcc39f65016d080000019b76daa800017509000102030405060708090a0b0c0d\
                          0e0f3713413207";
const EMPTY: &str = "000000100000000005c248eb7d98c8ff";

fn one(text: &str) -> Said {
    let cut = cut(MessageCutter::new(), [Bytes::from(hex(text))]);
    assert!(cut.fault.is_none(), "{:?}", cut.fault);
    let [said] = cut.messages.try_into().unwrap();
    said
}

fn fault(bytes: &[u8]) -> FaultKind {
    let whole = cut(MessageCutter::new(), [Bytes::copy_from_slice(bytes)]);
    let pieces = cut(MessageCutter::new(), bytewise(bytes));
    assert!(whole.messages.is_empty() && pieces.messages.is_empty());
    let (whole, pieces) = (whole.fault.unwrap(), pieces.fault.unwrap());
    assert_eq!(whole.kind(), pieces.kind());
    whole.kind()
}

#[test]
fn an_event_an_exception_and_an_error_are_told_apart() {
    assert_eq!(one(EVENT).kind, r#"Event("messageStop")"#);
    assert_eq!(one(EVENT).payload, br#"{"stopReason":"end_turn","p":"ab"}"#);
    assert_eq!(
        one(EXCEPTION).kind,
        r#"Exception("modelStreamErrorException")"#
    );
    assert_eq!(one(EXCEPTION).payload, br#"{"message":"x"}"#);
    assert_eq!(
        one(ERROR).kind,
        r#"Error { code: "InternalError", message: "it broke" }"#
    );
    assert_eq!(one(EMPTY).kind, r#"Event("")"#);
}

#[test]
fn headers_of_every_type_are_read() {
    let mut cutter = MessageCutter::new();
    cutter.push(Bytes::from(hex(EVERY_TYPE))).unwrap();
    let message = cutter.messages().next().unwrap();
    assert_eq!(
        message.headers().collect::<Vec<_>>(),
        [
            ("t", Value::Bool(true)),
            ("f", Value::Bool(false)),
            ("b", Value::Byte(-2)),
            ("s", Value::Short(-300)),
            ("i", Value::Int(-70_000)),
            ("l", Value::Long(-5_000_000_000)),
            ("y", Value::Bytes(b"\x00\xff")),
            ("x", Value::Text("Grüße")),
            ("m", Value::Timestamp(1_767_225_600_000)),
            (
                "u",
                Value::Uuid([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
            ),
        ]
    );
    assert_eq!(message.text("x"), Some("Grüße"));
    assert_eq!(message.text("y"), None, "it is no text");
    assert_eq!(message.payload(), b"7");
}

#[test]
fn what_is_written_is_what_others_write() {
    let mut out = BytesMut::new();
    let stop = br#"{"stopReason":"end_turn","p":"ab"}"#;
    encode_event("messageStop", stop, &mut out);
    assert_eq!(out, hex(EVENT));
    // After what is there already.
    let kind = "modelStreamErrorException";
    encode_exception(kind, br#"{"message":"x"}"#, &mut out);
    assert_eq!(out, hex(&format!("{EVENT}{EXCEPTION}")));
    out.clear();
    encode(&[], b"", &mut out);
    assert_eq!(out, hex(EMPTY));
}

#[test]
fn a_message_in_one_frame_is_not_copied() {
    let stream = Bytes::from(hex(&format!("{EVENT}{EMPTY}")));
    let mut cutter = MessageCutter::new();
    cutter.push(stream.clone()).unwrap();
    let ends: Vec<_> = cutter.messages().map(|message| message.end()).collect();
    assert_eq!(ends, [131, 147]);
    let first = cutter.take(131);
    assert_eq!(first.as_ptr(), stream.as_ptr());
    assert_eq!(cutter.messages().next().unwrap().start(), 0);
    assert_eq!(cutter.held_bytes(), 16);
}

#[test]
fn a_body_that_is_no_event_stream_is_a_fault_at_once_and_is_shown() {
    let page = Bytes::from_static(br#"{"message":"no such route"}"#);
    let mut cutter = MessageCutter::new();
    let fault = cutter.push(page.clone()).unwrap_err();
    assert_eq!(fault.kind(), FaultKind::Prelude);
    assert_eq!(*fault.raw(), page);
    // It stays so.
    let again = cutter.push(Bytes::from(hex(EVENT))).unwrap_err();
    assert_eq!((again.kind(), again.raw().len()), (FaultKind::Prelude, 0));
    assert_eq!(cutter.finish().unwrap_err().kind(), FaultKind::Prelude);
}

#[test]
fn what_came_before_a_fault_is_still_there() {
    let mut stream = hex(&format!("{EVENT}{EXCEPTION}"));
    *stream.last_mut().unwrap() ^= 1;
    let cut = cut(MessageCutter::new(), [Bytes::from(stream)]);
    assert_eq!(cut.messages.len(), 1);
    assert_eq!(cut.fault.unwrap().kind(), FaultKind::Checksum);
}

#[test]
fn lengths_that_cannot_be_right_are_faults_whatever_their_checksums() {
    let prelude = |total: u32, headers: u32| {
        let mut bytes = [total.to_be_bytes(), headers.to_be_bytes()].concat();
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes
    };
    for (total, headers, kind) in [
        (0, 0, FaultKind::Lengths),
        (15, 0, FaultKind::Lengths),
        (100, 85, FaultKind::Lengths),
        (300_000, 131_073, FaultKind::Lengths),
        (100, u32::MAX, FaultKind::Lengths),
        (u32::MAX, 0, FaultKind::TooLong),
        (26_214_401, 0, FaultKind::TooLong),
    ] {
        assert_eq!(fault(&prelude(total, headers)), kind, "{total} {headers}");
    }
    // As large as one may be, and nothing is allocated for it before it is there.
    let mut cutter = MessageCutter::new();
    cutter.push(prelude(26_214_400, 0).into()).unwrap();
    assert_eq!(cutter.held_bytes(), 12);
}

#[test]
fn headers_that_cannot_be_read_are_a_fault() {
    let message = |headers: &[u8]| {
        let total = u32::try_from(headers.len() + 16).unwrap();
        let len = u32::try_from(headers.len()).unwrap();
        let mut bytes = [total.to_be_bytes(), len.to_be_bytes()].concat();
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes.extend(headers);
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes
    };
    for headers in [
        &b"\x01a"[..],
        b"\x00\x00",
        b"\x01a\x0a",
        b"\x01a\x07\x00\x05ab",
        b"\x01a\x07\x00\x01\xff",
        b"\x01\xff\x00",
        b"\x01a\x05\x00\x00",
        b"\x09a\x00",
    ] {
        assert_eq!(fault(&message(headers)), FaultKind::Headers, "{headers:?}");
    }
}

#[test]
fn a_stream_that_ends_inside_a_message_is_incomplete() {
    let bytes = hex(EVENT);
    for end in 1..bytes.len() {
        let cut = cut(
            MessageCutter::new(),
            [Bytes::copy_from_slice(&bytes[..end])],
        );
        let fault = cut.fault.unwrap();
        assert_eq!(fault.kind(), FaultKind::Incomplete);
        assert_eq!(*fault.raw(), bytes[..end]);
    }
}
