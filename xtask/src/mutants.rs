//! `cargo xtask mutants`: does the simulator see it when the engine is broken?
//!
//! Each file in `xtask/mutants` is a patch that breaks one rule. It is applied to a copy of the workspace under `target/mutants`,
//! the simulator is built there, and has to find a violation of the promise that the patch names, within the number of seeds that
//! it names. A checker that no patch names is a defect as well. The product itself carries no sabotage.

mod mutant;
mod scratch;
mod table;
mod trial;

use crate::run;
use crate::say;
use anyhow::{Result, bail};
use mutant::Mutant;
use scratch::Scratch;
use trial::Trial;

/// What to do with the mutants.
struct Plan {
    only: Vec<String>,
    list: bool,
    write: bool,
}

/// Tries the mutants. `--list` names them, `--only NAME,NAME` tries some, `--write` puts the rows of those that were tried into
/// the table of `docs/TESTING.md`.
///
/// # Errors
/// When the words are not understood, when a patch does not apply or does not compile, and when a mutant survives.
pub(crate) fn run(words: &[String]) -> Result<()> {
    let plan = Plan::of(words)?;
    let all = Mutant::all()?;
    let mutants: Vec<Mutant> = all.iter().filter(|mutant| plan.wants(mutant)).cloned().collect();
    if mutants.is_empty() {
        bail!("no mutant has that name; `cargo xtask mutants --list` names them");
    }
    if plan.list {
        for mutant in &mutants {
            say::line(&format!("{:28} {:10} {}", mutant.name, mutant.promises.join(" "), mutant.breaks));
        }
        return Ok(());
    }
    let scratch = Scratch::fresh(&run::root())?;
    let mut trials = Vec::new();
    for mutant in &mutants {
        let trial = trial::of(&scratch, mutant)?;
        say::line(&format!("{:28} {}", mutant.name, trial.said()));
        trials.push(trial);
    }
    say::line(&table::of(&mutants, &trials));
    if plan.write {
        table::write(&all, &mutants, &trials)?;
    }
    judged(&mutants, &trials)
}

fn judged(mutants: &[Mutant], trials: &[Trial]) -> Result<()> {
    let survivors: Vec<&str> = mutants
        .iter()
        .zip(trials)
        .filter(|(mutant, trial)| !trial.is_caught() && !mutant.survives)
        .map(|(mutant, _)| mutant.name.as_str())
        .collect();
    if !survivors.is_empty() {
        bail!("{} of {} mutants survived: {}", survivors.len(), mutants.len(), survivors.join(", "));
    }
    Ok(())
}

impl Plan {
    fn of(words: &[String]) -> Result<Self> {
        let mut plan = Self { only: Vec::new(), list: false, write: false };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match (word.as_str(), word.as_str() == "--only") {
                ("--list", _) => plan.list = true,
                ("--write", _) => plan.write = true,
                (_, true) => {
                    plan.only.extend(words.next().iter().flat_map(|names| names.split(',')).map(str::to_owned))
                }
                (other, _) => bail!("`{other}` is not understood: --list, --only NAME,NAME, --write"),
            }
        }
        Ok(plan)
    }

    fn wants(&self, mutant: &Mutant) -> bool {
        self.only.is_empty() || self.only.contains(&mutant.name)
    }
}
