//! The five founding incidents: what each is called, what world it plays in, how fast.

use crate::live::Played;
use ifmatch_sandbox::Scenario;

/// One incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Incident {
    /// Quality scores from ServiceNow.
    I01,
    /// Shift trades out of Zendesk through a clock change.
    I02,
    /// The weekly publish against open script sessions.
    I03,
    /// Fifteen sites and one versioned week.
    I04,
    /// A timer and a webhook that publish over and over.
    I05,
}

impl Incident {
    /// All of them, in order.
    pub(crate) const ALL: [Self; 5] = [Self::I01, Self::I02, Self::I03, Self::I04, Self::I05];

    /// The incident of that name, in any case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|incident| incident.id().eq_ignore_ascii_case(name.trim()))
    }

    /// Its name.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::I01 => "I01",
            Self::I02 => "I02",
            Self::I03 => "I03",
            Self::I04 => "I04",
            Self::I05 => "I05",
        }
    }

    /// What it is, in a few words.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::I01 => "ServiceNow reviews, human reviewers",
            Self::I02 => "Zendesk trades, clock change, locks",
            Self::I03 => "500 seats by 06:00, 50 locked",
            Self::I04 => "15 sites, 1,200 edits, one week",
            Self::I05 => "auto-publish every 15 minutes",
        }
    }

    /// Seconds of scenario time per second of wall time: so that the whole takes half a minute on a
    /// machine that keeps up, and there is room for one on which the clock has to wait.
    pub(super) fn speed(self) -> f64 {
        match self {
            Self::I01 => 40.0,
            Self::I02 => 150.0,
            Self::I03 => 45.0,
            Self::I04 => 12.0,
            Self::I05 => 600.0,
        }
    }

    /// What is played, at the incident's speed.
    pub(super) fn played(self, seed: u64) -> Played {
        Played { scenario: self.scenario(seed), seed, speed: self.speed() }
    }

    /// The target: options, faults, world and actors.
    pub(super) fn scenario(self, seed: u64) -> Scenario {
        let name = self.id().to_ascii_lowercase();
        let mut scenario = Scenario::named(&name, seed).expect("the sandbox has the five incidents");
        if self == Self::I03 {
            // The week that begins on this very Monday, twelve minutes before its first shifts.
            scenario.start = Some("2026-03-02T11:48:00Z".to_owned());
            scenario.world.first_week = Some("2026-03-02".to_owned());
        }
        scenario
    }
}
