//! What a configuration says, as plain data.

mod entry;
mod general;
mod router;

pub use self::entry::{
    AnswerParams, AwsParams, AzureParams, Config, DeploymentParams, ModelEntry, ModelInfo,
    PriceMapFile, ProviderEntry, WrittenPrices,
};
pub use self::general::{Admission, GeneralSettings};
pub use self::router::{
    Alias, Compat, FallbackTarget, HedgeDelay, HedgeSettings, RaceSettings, RouterSettings,
    RoutingArgs, RoutingGroup, RoutingStrategy,
};
