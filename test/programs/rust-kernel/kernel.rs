// A kernel of a few functions in Rust without `core`, so that rustc needs no library for the target (RUSTC_BOOTSTRAP=1).
#![feature(no_core, lang_items, auto_traits, rustc_attrs)]
#![allow(internal_features, dead_code)]
#![no_core]

#[lang = "pointee_sized"]
pub trait PointeeSized {}
#[lang = "meta_sized"]
pub trait MetaSized: PointeeSized {}
#[lang = "sized"]
pub trait Sized: MetaSized {}
#[lang = "copy"]
pub trait Copy {}
impl Copy for u64 {}
impl Copy for bool {}
impl<'a, T: PointeeSized> Copy for &'a T {}
#[lang = "sync"]
pub trait Sync {}
impl<T> Sync for T {}
#[lang = "unsize"]
pub trait Unsize<T: PointeeSized>: PointeeSized {}
#[lang = "coerce_unsized"]
pub trait CoerceUnsized<T> {}
impl<'a, 'b: 'a, T: PointeeSized + Unsize<U>, U: PointeeSized> CoerceUnsized<&'a U> for &'b T {}
#[lang = "freeze"]
unsafe auto trait Freeze {}
#[lang = "add"]
pub trait Add<Rhs = Self> {
    type Output;
    fn add(self, rhs: Rhs) -> Self::Output;
}
impl Add for u64 {
    type Output = u64;
    fn add(self, rhs: u64) -> u64 {
        self + rhs
    }
}
#[lang = "drop_in_place"]
unsafe fn drop_in_place<T: PointeeSized>(_: *mut T) {}

pub mod memory {
    pub mod paging {
        use crate::{Copy, Maybe};

        /// A page-table entry.
        #[repr(transparent)]
        pub struct Entry(pub u64);
        impl Copy for Entry {}

        pub enum Mapping {
            Unmapped,
            Page { pa: u64, writable: bool },
            Huge(u64),
        }

        pub enum Level {
            Leaf = 0,
            Middle = 1,
            Root = 2,
        }

        pub static TABLES: u64 = 3;
        pub static mut MAPPED: u64 = 0;

        #[inline(never)]
        pub fn map(entry: &Entry, name: &'static str, level: Level) -> Mapping {
            let flags = [1u64, 2, 4];
            let words: &[u64] = &flags;
            let none: Maybe<&Entry> = Maybe::Nothing;
            let some: Maybe<&Entry> = Maybe::Just(entry);
            let huge = Mapping::Huge(0x4000_0000);
            let page = Mapping::Page { pa: entry.0, writable: true };
            let pair = (7u64, 'é');
            unsafe { MAPPED = MAPPED + 1 };
            keep(&none, &some, &huge, words, &pair, name, &level);
            page
        }

        #[inline(never)]
        fn keep(
            _: &Maybe<&Entry>,
            _: &Maybe<&Entry>,
            _: &Mapping,
            _: &[u64],
            _: &(u64, char),
            _: &str,
            _: &Level,
        ) {
        }
    }
}

pub enum Maybe<T> {
    Nothing,
    Just(T),
}

#[no_mangle]
pub extern "C" fn kernel_main() -> u64 {
    let entry = memory::paging::Entry(0x8020_0000);
    let _mapped = memory::paging::map(&entry, "text", memory::paging::Level::Middle);
    memory::paging::TABLES
}
