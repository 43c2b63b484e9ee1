//! What is known about a model.

use crate::model_info::{Abilities, Ability, Mode};

#[test]
fn what_nobody_has_said_is_neither_yes_nor_no() {
    let mut abilities = Abilities::default();
    assert_eq!(abilities.get(Ability::Tools), None);
    abilities.set(Ability::Tools, true);
    abilities.set(Ability::Vision, false);
    assert_eq!(abilities.get(Ability::Tools), Some(true));
    assert_eq!(abilities.get(Ability::Vision), Some(false));
    assert!(abilities.iter().eq([Ability::Tools]));

    // The last word counts.
    abilities.set(Ability::Tools, false);
    abilities.set(Ability::Vision, true);
    assert_eq!(abilities.get(Ability::Tools), Some(false));
    assert!(abilities.iter().eq([Ability::Vision]));
}

#[test]
fn every_name_leads_back_to_what_it_names() {
    for mode in Mode::ALL {
        assert_eq!(Mode::from_name(mode.as_str()), Some(mode));
    }
    for ability in Ability::ALL {
        assert_eq!(Ability::from_name(ability.as_str()), Some(ability));
        let mut one = Abilities::default();
        one.set(ability, true);
        assert!(one.iter().eq([ability]), "each has a bit of its own");
    }
    assert_eq!(Mode::from_name("poetry"), None);
    assert_eq!(Ability::from_name("poetry"), None);
}
