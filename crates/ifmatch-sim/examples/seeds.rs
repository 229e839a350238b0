fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args[1] == "named" { let r = ifmatch_sim::run(ifmatch_sim::scenario::named(&args[2], args[3].parse().unwrap()).unwrap()); for l in &r.log.lines { println!("{l}"); } println!("{:?}", r.tally); for v in &r.violations { println!("VIOLATION {v:?}"); } return; }
    let first: u64 = args[1].parse().unwrap();
    let n: u64 = args[2].parse().unwrap();
    let mut bad = 0;
    let start = std::time::Instant::now();
    let mut total = ifmatch_sim::Tally::default();
    for seed in first..first + n {
        match std::panic::catch_unwind(|| ifmatch_sim::run_seed(seed)) {
            Ok(report) => {
                if n == 1 { for l in &report.log.lines { println!("{l}"); } println!("{:?}", report.tally); }
                for (k, v) in &report.tally.reviews { *total.reviews.entry(k.clone()).or_default() += v; }
                for (k, v) in &report.tally.states { *total.states.entry(*k).or_default() += v; }
                if !report.violations.is_empty() { bad += 1; for v in report.violations.iter().take(2) { println!("seed {seed}: {} {}", v.promise, v.what); } }
            }
            Err(_) => { bad += 1; println!("seed {seed}: PANIC"); }
        }
    }
    println!("{bad} bad of {n}, {:.1}/s {:?} {:?}", n as f64 / start.elapsed().as_secs_f64(), total.states, total.reviews);
}
