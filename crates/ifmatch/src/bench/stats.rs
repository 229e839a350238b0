//! Quantiles, means, and their 95 % intervals.

/// Quantile of the normal distribution for a two-sided 95 % interval.
const NORMAL: f64 = 1.96;

/// The same of Student's t, by degrees of freedom from 1 (textbook table).
const STUDENT: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/// An estimate and the interval that holds the true figure 95 times in 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    /// The estimate.
    pub(crate) value: f64,
    /// Lower and upper end; `None` where one sample says nothing about the spread.
    pub(crate) ci95: Option<[f64; 2]>,
}

/// Samples of one figure, sorted.
#[derive(Debug)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// Takes samples in any order.
    pub(crate) fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The quantile `q`, 0 < q < 1, with the interval by order statistics, which asks nothing of
    /// the distribution. Zero when there are no samples.
    pub(crate) fn quantile(&self, q: f64) -> Estimate {
        let n = self.0.len() as f64;
        let half = NORMAL * (n * q * (1.0 - q)).sqrt();
        let interval = [self.at(n * q - half), self.at(n * q + half + 1.0)];
        Estimate { value: self.at(n * q), ci95: (self.0.len() > 1).then_some(interval) }
    }

    /// The sample of a rank, counted from 1 and rounded up, inside the bounds.
    fn at(&self, rank: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        // A float turns into an integer by saturation, so a negative rank is the first sample.
        let at = (rank.ceil() as usize).saturating_sub(1).min(last);
        self.0.get(at).copied().unwrap_or(0.0)
    }
}

/// The mean of independent values, with the interval by Student's t.
pub(crate) fn mean(values: &[f64]) -> Estimate {
    let n = values.len() as f64;
    let value = values.iter().sum::<f64>() / n.max(1.0);
    if values.len() < 2 {
        return Estimate { value, ci95: None };
    }
    let spread = values.iter().map(|v| (v - value).powi(2)).sum::<f64>() / (n - 1.0);
    let half = STUDENT.get(values.len() - 2).copied().unwrap_or(NORMAL) * (spread / n).sqrt();
    Estimate { value, ci95: Some([value - half, value + half]) }
}

/// Two rates that were measured in turns, each pair one ratio, so that what slows the machine for a
/// while slows both: the first one's, and the mean of the second, which is the bound.
pub(crate) fn in_turns(measured: &[f64], bound: &[f64]) -> (Estimate, f64) {
    let ratios: Vec<f64> = measured.iter().zip(bound).map(|(measured, bound)| measured / bound).collect();
    let (ratio, bound) = (mean(&ratios), mean(bound).value);
    let ends = ratio.ci95.map(|ends| ends.map(|end| end * bound));
    (Estimate { value: ratio.value * bound, ci95: ends }, bound)
}

#[cfg(test)]
mod tests;
