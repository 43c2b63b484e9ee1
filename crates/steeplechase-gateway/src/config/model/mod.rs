//! What a configuration says, as plain data.

mod entry;
mod general;
mod limits;
mod router;

pub use self::entry::{
    AnswerParams, AwsParams, AzureParams, Config, DeploymentParams, ModelEntry, ModelInfo,
    PriceMapFile, ProviderEntry, WrittenPrices,
};
pub use self::general::{Admission, GeneralSettings};
pub use self::limits::{BudgetSettings, LimitParams};
pub use self::router::{
    Alias, Compat, FallbackTarget, HedgeDelay, HedgeSettings, RaceSettings, RouterSettings,
    RoutingArgs, RoutingGroup, RoutingStrategy,
};
