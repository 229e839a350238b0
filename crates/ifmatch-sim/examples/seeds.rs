fn main() {
    let args: Vec<String> = std::env::args().collect();
    let first: u64 = args[1].parse().unwrap();
    let n: u64 = args[2].parse().unwrap();
    let mut bad = 0;
    let start = std::time::Instant::now();
    let mut total = ifmatch_sim::Tally::default();
    for seed in first..first + n {
        let result = std::panic::catch_unwind(|| ifmatch_sim::run_seed(seed));
        match result {
            Ok(report) => {
                if n == 1 {
                    for l in &report.log.lines {
                        println!("{l}");
                    }
                    println!("{:?}", report.tally);
                }
                for (k, v) in &report.tally.reviews {
                    *total.reviews.entry(k.clone()).or_default() += v;
                }
                for (k, v) in &report.tally.states {
                    *total.states.entry(*k).or_default() += v;
                }
                if !report.violations.is_empty() {
                    bad += 1;
                    for v in report.violations.iter().take(3) {
                        println!("seed {seed}: {} {}", v.promise, v.what);
                    }
                }
            }
            Err(_) => {
                bad += 1;
                println!("seed {seed}: PANIC");
            }
        }
    }
    println!(
        "{bad} bad of {n}, {:.1}/s {:?} {:?}",
        n as f64 / start.elapsed().as_secs_f64(),
        total.states,
        total.reviews
    );
}
