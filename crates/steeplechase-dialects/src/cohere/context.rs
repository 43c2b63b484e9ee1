use std::sync::Arc;

use steeplechase_core::Error;

use super::{Decoder, read_answer};
use crate::chat::{Answer, Decode, ReadAnswer};

/// What has to be known of a call to read its answer: the model, which the answer does not name.
///
/// It comes with the [request](super::Written), and is a handle: a clone is cheap.
#[derive(Clone, Debug, Default)]
pub struct AnswerContext {
    model: Arc<str>,
}

impl AnswerContext {
    pub(super) fn new(model: &str) -> Self {
        Self {
            model: model.into(),
        }
    }

    /// The provider's name for the model.
    pub fn model(&self) -> &str {
        &self.model
    }
}

impl ReadAnswer for AnswerContext {
    fn read(&self, body: &[u8]) -> Result<Answer, Error> {
        read_answer(body, self)
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::new(Decoder::new(self.clone()))
    }
}
