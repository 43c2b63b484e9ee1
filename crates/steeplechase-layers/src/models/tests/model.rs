//! Every mix of groups and aliases, checked against a list that is searched from the front.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn a_name_means_its_alias_or_else_its_group(
        groups in prop::collection::btree_set("[a-d]", 0..4),
        aliases in prop::collection::btree_map("[a-f]", "[a-d]", 0..4),
        asked in "[a-g]",
    ) {
        let mut builder = Table::builder();
        for group in &groups {
            builder = builder.group(group.as_str(), group.clone(), None);
        }
        for (alias, group) in &aliases {
            builder = builder.alias(alias.as_str(), group.as_str());
        }
        let built = builder.build();
        prop_assert_eq!(built.is_ok(), aliases.values().all(|group| groups.contains(group)));

        if let Ok(table) = built {
            let expected = aliases.get(&asked).or(groups.get(&asked));
            prop_assert_eq!(table.get(&asked), expected);
            let named = table.names().iter().any(|name| **name == *asked);
            prop_assert_eq!(named, expected.is_some());
        }
    }
}
