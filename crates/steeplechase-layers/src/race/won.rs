/// Which lane has won a race between different requests. Found in the extensions of the response.
///
/// A race between copies does not leave it: nobody can tell them apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Won {
    /// The number of the lane that has won, from zero.
    pub lane: u8,
    /// How many lanes the race was to have, those that were denied included.
    pub lanes: u8,
}
