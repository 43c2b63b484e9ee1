//! Where things are on Azure, and what becomes of a call.

mod adapting;
mod filters;
mod placing;
