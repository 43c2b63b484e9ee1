use http::Request;
use steeplechase_core::{Attempts, Call};

/// Decides for each request in how many lanes it runs.
///
/// # Example
///
/// ```
/// use http::Request;
/// use steeplechase_layers::race::{Lanes, RaceLayer, Start};
///
/// // Races whoever pays for it.
/// #[derive(Clone)]
/// struct Premium;
///
/// impl<B> Lanes<B> for Premium {
///     fn start(&self, request: Request<B>) -> Start<Request<B>> {
///         if request.headers().contains_key("x-premium") {
///             Start::Copies(request, 2)
///         } else {
///             Start::Single(request)
///         }
///     }
/// }
///
/// let layer = RaceLayer::new(1).policy(Premium);
/// # let _ = layer;
/// ```
pub trait Lanes<ReqBody> {
    /// Decides what `request` runs as.
    fn start(&self, request: Request<ReqBody>) -> Start<Request<ReqBody>>;
}

/// What a request runs as.
#[derive(Clone, Debug)]
pub enum Start<R> {
    /// As it is: no race.
    Single(R),
    /// As that many copies, itself included. Of none or one, as [`Single`](Self::Single).
    Copies(R, u8),
    /// As different requests, of which any answer will do: the first lane, and the others. They share
    /// the [`Attempts`] of the first.
    Variants(R, Vec<R>),
}

/// The default [`Lanes`]: any request runs as so many copies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Width(pub u8);

/// [`Lanes`] for calls, which may name the models that are to race.
///
/// A call that asks for the fastest response, and names several models with commas between them, runs
/// one lane for each. Names are trimmed, and those that are empty or were named before are left out,
/// as are those after the [fifth](Attempts::HARD_CAP). Any other call runs as so many copies.
///
/// A call can ask for so many copies itself, see [`Controls::race`](steeplechase_core::Controls::race), and then
/// has as many attempts at the least.
///
/// Otherwise a call has three attempts unless somebody has said otherwise, see [`Attempts::set_max`], and runs
/// no more lanes than those.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CallLanes {
    /// The number of copies of a call that does not name several models. 1 is no race.
    pub width: u8,
}

impl<ReqBody> Lanes<ReqBody> for Width {
    fn start(&self, request: Request<ReqBody>) -> Start<Request<ReqBody>> {
        Start::Copies(request, self.0)
    }
}

impl Lanes<Call> for CallLanes {
    fn start(&self, mut request: Request<Call>) -> Start<Request<Call>> {
        let call = request.body();
        if !call.head().fastest_response || !call.model().contains(',') {
            let asked = asked(&request);
            return Start::Copies(request, asked.unwrap_or(self.width));
        }

        let models = models(call.model());
        let mut calls = models.iter().map(|&model| call.with_model(model));
        let Some(first) = calls.next() else {
            // Nothing but commas: whoever looks the model up has the words to say so.
            return Start::Single(request);
        };
        let others: Vec<_> = calls.collect();
        if others.is_empty() {
            *request.body_mut() = first;
            return Start::Single(request);
        }

        // Before the clones are made, so that they share it.
        let _shared = Attempts::of(request.extensions_mut());
        let others = others
            .into_iter()
            .map(|call| {
                let mut lane = request.clone();
                *lane.body_mut() = call;
                lane
            })
            .collect();
        *request.body_mut() = first;
        Start::Variants(request, others)
    }
}

/// How many copies a call asks for, if it does.
fn asked(request: &Request<Call>) -> Option<u8> {
    let attempts = Attempts::get(request.extensions())?;
    let width = attempts.controls()?.race?.min(Attempts::HARD_CAP);
    let max = attempts.used().saturating_add(attempts.left());
    attempts.set_max(width.max(max));
    Some(width)
}

/// The models in a list of names, in order.
fn models(names: &str) -> Vec<&str> {
    let mut models = Vec::new();
    for name in names.split(',').map(str::trim) {
        if models.len() == usize::from(Attempts::HARD_CAP) {
            break;
        }
        if !name.is_empty() && !models.contains(&name) {
            models.push(name);
        }
    }
    models
}
