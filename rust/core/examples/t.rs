use takeoff_core::{models::growth_law::GrowthLaw, limit::LimitShape, Run};
fn main(){
  let n=100_000; let mut s=12345u64; let mut u=||{s^=s<<13;s^=s>>7;s^=s<<17;(s>>11) as f64/(1u64<<53) as f64};
  let r:Vec<f64>=(0..n).map(|_|0.4+2.6*u()).collect(); let l:Vec<f64>=(0..n).map(|_|10.0+40.0*u()).collect();
  let law=GrowthLaw::new(r,vec![1.0/12.0],vec![1.0],l,LimitShape::Linear).unwrap();
  let t:Vec<f64>=(0..121).map(|i| 2.0*i as f64/120.0).collect();
  for th in [1,2]{ let pool=rayon::ThreadPoolBuilder::new().num_threads(th).build().unwrap();
   for _ in 0..4{ let a=std::time::Instant::now(); let v=pool.install(||law.doublings_at(&t,&Run::default()).unwrap()); let d=a.elapsed().as_secs_f64();
    println!("{th} threads {:.0} paths/s  {:.3} us/path {}",n as f64/d, d*1e6/n as f64, v[120]);}}
}
