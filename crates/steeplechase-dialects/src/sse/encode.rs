use bytes::BytesMut;
use memchr::memchr2;

use super::lines::line_end;

/// The last event of a stream in `OpenAI`'s dialect, whole.
pub const DONE: &[u8] = b"data: [DONE]\n\n";

/// A comment that means nothing and keeps a connection from being taken for dead, whole.
pub const KEEPALIVE: &[u8] = b": keepalive\n\n";

/// Appends an event without a name to `out`.
///
/// Line breaks in `data`, which compact JSON does not have, make several `data` lines of it. They
/// are read back as LF, whichever they were: no line can carry a CR.
pub fn encode_data(data: &[u8], out: &mut BytesMut) {
    encode_event("", data, out);
}

/// Appends an event called `name` to `out`. An empty `name` is none.
///
/// `data` is treated as by [`encode_data`]. A name is one line, so line breaks in it are left out.
pub fn encode_event(name: &str, data: &[u8], out: &mut BytesMut) {
    const AROUND: usize = "event: \ndata: \n\n".len();
    out.reserve(name.len() + data.len() + AROUND);
    encode_name(name, out);
    encode_lines(b"data: ", data, out);
    out.extend_from_slice(b"\n");
}

/// Appends an event called `name` to `out`, whose data is what `write` appends there.
///
/// Data that has yet to be serialized needs no buffer of its own this way. Otherwise this is
/// [`encode_event`].
///
/// # Errors
///
/// The error of `write`. Then `out` is as it was.
pub fn encode_event_with<E>(
    name: &str,
    out: &mut BytesMut,
    write: impl FnOnce(&mut BytesMut) -> Result<(), E>,
) -> Result<(), E> {
    let before = out.len();
    encode_name(name, out);
    let line = out.len();
    out.extend_from_slice(b"data: ");
    let data = out.len();
    if let Err(error) = write(out) {
        out.truncate(before);
        return Err(error);
    }
    if memchr2(b'\n', b'\r', &out[data..]).is_some() {
        let data = out.split_off(data);
        out.truncate(line);
        encode_lines(b"data: ", &data, out);
        out.extend_from_slice(b"\n");
    } else {
        out.extend_from_slice(b"\n\n");
    }
    Ok(())
}

/// Appends a comment to `out`, and the blank line that lets it pass at once.
///
/// Line breaks in `text` make several comment lines of it.
pub fn encode_comment(text: &str, out: &mut BytesMut) {
    encode_lines(b": ", text.as_bytes(), out);
    out.extend_from_slice(b"\n");
}

fn encode_name(name: &str, out: &mut BytesMut) {
    if name.is_empty() {
        return;
    }
    out.extend_from_slice(b"event: ");
    for part in name.split(['\n', '\r']) {
        out.extend_from_slice(part.as_bytes());
    }
    out.extend_from_slice(b"\n");
}

/// Appends every line of `text`, of which there is always one, after `prefix`.
fn encode_lines(prefix: &[u8], text: &[u8], out: &mut BytesMut) {
    let mut at = 0;
    loop {
        let end = line_end(text, at);
        out.extend_from_slice(prefix);
        out.extend_from_slice(&text[at..end.map_or(text.len(), |end| end.start)]);
        out.extend_from_slice(b"\n");
        match end {
            Some(end) => at = end.end,
            None => return,
        }
    }
}
