use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use steeplechase_core::{Attempts, Call, Dialect};
use steeplechase_layers::keepalive::{KeepaliveConfig, Policy};
use steeplechase_layers::models::{Table, TableBuilder, TableError};

use super::{Group, Preset};
use crate::names;

/// What callers of Anthropic's Messages know as a sign of life.
const PING: Bytes = Bytes::from_static(b"event: ping\ndata: {\"type\": \"ping\"}\n\n");

/// Which callers get signs of life, and when. `None` if nobody ever does.
#[derive(Clone, Debug)]
pub(super) struct Signs(Option<Arc<Rules>>);

#[derive(Debug)]
struct Rules {
    all: Option<KeepaliveConfig>,
    messages: Option<KeepaliveConfig>,
    /// By all names that a caller may use. `None` if no group is otherwise than the others.
    groups: Option<Table<OfGroup>>,
}

/// What a group has for itself.
#[derive(Clone, Copy, Debug, Default)]
struct OfGroup {
    after: Option<Duration>,
    is_for_callers: bool,
}

// ===== impl Signs =====

impl Signs {
    pub(super) fn of(preset: &Preset) -> Result<Self, TableError> {
        let all = preset.keepalive.clone();
        let messages = match preset.messages_keepalive {
            Some(after) => (!after.is_zero()).then(|| every(after, all.as_ref())),
            None => all.clone(),
        };
        let is_any = preset
            .groups
            .iter()
            .any(|group| OfGroup::of(group).is_any());
        if all.is_none() && messages.is_none() && !is_any {
            return Ok(Self(None));
        }
        Ok(Self(Some(Arc::new(Rules {
            all,
            messages: messages.map(|config| config.comment(PING)),
            groups: is_any.then(|| table(preset)).transpose()?,
        }))))
    }
}

impl Policy<Call> for Signs {
    fn keepalive(&self, request: &Request<Call>) -> Option<KeepaliveConfig> {
        self.0.as_ref()?.keepalive(request)
    }
}

// ===== impl Rules =====

impl Rules {
    /// What callers of a dialect get if nobody says otherwise.
    fn usual(&self, dialect: Dialect) -> Option<&KeepaliveConfig> {
        match dialect {
            Dialect::Anthropic => self.messages.as_ref(),
            _ => self.all.as_ref(),
        }
    }

    fn of_group(&self, request: &Request<Call>) -> Option<Duration> {
        let groups = self.groups.as_ref()?;
        let group = groups.get(groups.known(request.body().model()))?;
        if group.is_for_callers && group.after != Some(Duration::ZERO) {
            let controls = Attempts::get(request.extensions()).and_then(Attempts::controls);
            let asked = controls.and_then(|controls| controls.keepalive);
            return asked.or(group.after);
        }
        group.after
    }

    fn keepalive(&self, request: &Request<Call>) -> Option<KeepaliveConfig> {
        let dialect = request.body().dialect();
        let usual = self.usual(dialect);
        let Some(after) = self.of_group(request) else {
            return usual.cloned();
        };
        if after.is_zero() {
            return None;
        }
        let config = every(after, usual);
        Some(match dialect {
            Dialect::Anthropic => config.comment(PING),
            _ => config,
        })
    }
}

// ===== impl OfGroup =====

impl OfGroup {
    fn of(group: &Group) -> Self {
        Self {
            after: group.keepalive,
            is_for_callers: group.callers_keepalive,
        }
    }

    fn is_any(self) -> bool {
        self.after.is_some() || self.is_for_callers
    }
}

/// What the groups have, by all names.
fn table(preset: &Preset) -> Result<Table<OfGroup>, TableError> {
    let mut table: TableBuilder<OfGroup> = Table::builder();
    for group in &preset.groups {
        let budget = steeplechase_core::Budget::new(preset.budget);
        table = table.group(Arc::clone(&group.model), OfGroup::of(group), budget);
    }
    for (alias, model, _) in &preset.aliases {
        table = table.alias(Arc::clone(alias), Arc::clone(model));
    }
    for part in names::parts(&preset.groups, preset.upstream_names) {
        table = part.add_to(table);
    }
    table.build()
}

/// One after such a silence, and then again and again.
fn every(after: Duration, like: Option<&KeepaliveConfig>) -> KeepaliveConfig {
    let config = like.cloned().unwrap_or_default();
    config.after(after).every(after)
}
