use bytes::{BufMut, BytesMut};

/// Appends a message to `out`. All headers are texts.
///
/// # Panics
///
/// If a length cannot be told: that of a name beyond 255 bytes, of a value beyond 65535, of the message
/// beyond 4 GiB.
pub fn encode(headers: &[(&str, &str)], payload: &[u8], out: &mut BytesMut) {
    const PRELUDE: usize = 12;
    let start = out.len();
    out.put_bytes(0, PRELUDE);
    for (name, value) in headers {
        out.put_u8(u8::try_from(name.len()).expect("a name has less than 256 bytes"));
        out.put_slice(name.as_bytes());
        out.put_u8(7);
        out.put_u16(u16::try_from(value.len()).expect("a value has less than 64 KiB"));
        out.put_slice(value.as_bytes());
    }
    let length = |len: usize| u32::try_from(len).expect("a message has less than 4 GiB");
    let headers = length(out.len() - start - PRELUDE);
    out.put_slice(payload);
    let total = length(out.len() - start + 4);
    out[start..start + 4].copy_from_slice(&total.to_be_bytes());
    out[start + 4..start + 8].copy_from_slice(&headers.to_be_bytes());
    let crc = crc32fast::hash(&out[start..start + 8]);
    out[start + 8..start + PRELUDE].copy_from_slice(&crc.to_be_bytes());
    let crc = crc32fast::hash(&out[start..]);
    out.put_u32(crc);
}

/// Appends an event of a type to `out`, whose payload is JSON.
///
/// # Panics
///
/// As [`encode`].
pub fn encode_event(kind: &str, payload: &[u8], out: &mut BytesMut) {
    let headers = [
        (":event-type", kind),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    encode(&headers, payload, out);
}

/// Appends an exception of a type to `out`, whose payload is JSON.
///
/// # Panics
///
/// As [`encode`].
pub fn encode_exception(kind: &str, payload: &[u8], out: &mut BytesMut) {
    let headers = [
        (":exception-type", kind),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    encode(&headers, payload, out);
}
