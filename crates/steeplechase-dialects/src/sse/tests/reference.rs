//! The standard's own way, line by line, over a whole stream at once and with no thought of speed.
//!
//! Written from section 9.2.6, "Interpreting an event stream". The numbers are the steps of its
//! text.

use super::*;

/// The variables that the standard keeps while it reads.
#[derive(Default)]
struct Reader {
    data: String,
    event_type: String,
    last_id: String,
    retry: Option<Duration>,
    stream: Stream,
}

/// What `bytes` say, according to the standard.
pub(super) fn read(bytes: &[u8]) -> Stream {
    // "UTF-8 decode": one byte order mark is stripped, and wrong bytes become U+FFFD.
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(&text);

    let mut reader = Reader::default();
    for line in complete_lines(text) {
        reader.line(&line);
    }
    // "Once the end of the file is reached, any pending data must be discarded."
    reader.stream
}

/// The lines of `text` that have an end: CRLF, LF or CR.
fn complete_lines(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    lines.pop();
    lines
}

impl Reader {
    fn line(&mut self, line: &str) {
        if line.is_empty() {
            self.dispatch();
        } else if line.starts_with(':') {
            // A comment.
        } else if let Some((field, value)) = line.split_once(':') {
            self.field(field, value.strip_prefix(' ').unwrap_or(value));
        } else {
            self.field(line, "");
        }
    }

    fn field(&mut self, field: &str, value: &str) {
        match field {
            "event" => self.event_type = value.to_owned(),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => self.last_id = value.to_owned(),
            "retry" if value.chars().all(|digit| digit.is_ascii_digit()) => {
                if let Ok(millis) = value.parse() {
                    self.retry = Some(Duration::from_millis(millis));
                }
            }
            _ => {}
        }
    }

    fn dispatch(&mut self) {
        let data = std::mem::take(&mut self.data);
        let event_type = std::mem::take(&mut self.event_type);
        // The standard does not wait for the blank line with this one. We see whole events only.
        self.stream.retry = self.retry;
        // 2. Without any data nothing is dispatched.
        let Some(data) = data.strip_suffix('\n') else {
            return;
        };
        // 1, 3 to 6.
        self.stream.messages.push(Message {
            name: if event_type.is_empty() {
                "message".to_owned()
            } else {
                event_type
            },
            data: data.to_owned(),
            last_id: self.last_id.clone(),
        });
    }
}

#[test]
fn the_reference_reads_the_examples_of_the_standard() {
    let data = |text: &str| -> Vec<String> {
        let messages = read(text.as_bytes()).messages;
        messages.into_iter().map(|message| message.data).collect()
    };

    assert_eq!(data("data: YHOO\ndata: +2\ndata: 10\n\n"), ["YHOO\n+2\n10"],);
    assert_eq!(
        data(
            ": test stream\n\ndata: first event\nid: 1\n\n\
             data:second event\nid\n\ndata:  third event\n\n"
        ),
        ["first event", "second event", " third event"],
    );
    assert_eq!(data("data\n\ndata\ndata\n\ndata:"), ["", "\n"]);
    assert_eq!(data("data:test\n\ndata: test\n\n"), ["test", "test"]);
}
