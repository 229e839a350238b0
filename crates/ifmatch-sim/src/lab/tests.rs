//! Tests of the lab as a whole.

use super::*;
#[test]
fn probe() {
    let scenario = Scenario::named("N2").unwrap();
    let workload = Workload::draw(&scenario, None, 1).unwrap();
    let mut world = crate::World::new(workload.setup.clone());
    world.run();
    for line in world.log.lines.iter().filter(|l| l.contains(" send ")||l.contains(" answer ")||l.contains("edit")).take(40) { println!("{}", line.chars().take(420).collect::<String>()); }
    println!("{:?}", world.answers.values().fold(std::collections::BTreeMap::new(), |mut m, s| { *m.entry(*s).or_insert(0) += 1; m }));
}
