use steeplechase_core::{Call, Chunk, Error};

/// Knows how two parts of an answer become one, which is a matter of their dialect.
///
/// `Option` is one too: `None` is off.
pub trait Splice {
    /// What is known of one answer.
    type Seam: Seam;

    /// Begins to watch the answer of a call. `None` if none of its answers could be continued.
    fn watch(&self, call: &Call) -> Option<Self::Seam>;
}

/// What a [`Splice`] knows of one answer.
///
/// ```text
/// hear, hear, hear ╳ call ─► mark, join, join, join
/// ```
pub trait Seam {
    /// A frame of the first part is about to be handed on. Returns whether the answer can still be continued,
    /// and is not called again if it cannot.
    fn hear(&mut self, chunk: &Chunk) -> bool;

    /// The call for the rest, made of the one that was answered. `None` if there is no such call.
    fn call(&mut self, call: &Call) -> Option<Call>;

    /// What marks the place where the rest begins, for whoever wants to know that it is `model`'s.
    fn mark(&self, model: &str) -> Option<Chunk>;

    /// A frame of the rest, as one of the answer that was begun. `None` if nothing is left of it.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    fn join(&mut self, chunk: Chunk) -> Result<Option<Chunk>, Error>;
}

impl<P: Splice> Splice for Option<P> {
    type Seam = P::Seam;

    fn watch(&self, call: &Call) -> Option<Self::Seam> {
        self.as_ref()?.watch(call)
    }
}
