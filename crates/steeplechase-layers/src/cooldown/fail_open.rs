pub use steeplechase_core::deployment::FailOpen;
