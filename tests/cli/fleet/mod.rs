//! A fleet, declared in files: `swr check | plan | apply | export`.

mod check;
