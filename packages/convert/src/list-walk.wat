;; Looks for the end tag of a list in a release, sixteen bytes at a time, and counts the tracks on the way.
;; `PlainListWalk` in list-walk.ts does the same byte by byte, and says what is unusual.
;; After a change: `npm run wasm`, which writes list-walk-wasm.ts.
;;
;; The bytes stand in memory from address 64 on; offsets below are theirs. Address 0 takes the number of tracks.
(module
  (import "convert" "memory" (memory 1))

  ;; From $p up to $to, for the end tag of $length bytes that ends with the eight bytes $low, $high and whose name begins
  ;; with $initial. Returns its offset; -1 for what is unusual, or if there is none.
  (func (export "find")
    (param $p i32) (param $to i32) (param $initial i32) (param $length i32) (param $low i32) (param $high i32) (result i32)
    (local $end i64) (local $word i64)
    (local $at i32) (local $candidates i32) (local $byte i32) (local $tracks i32)
    (local $first v128) (local $second v128) (local $third v128)
    (local $lessThan v128) (local $slash v128) (local $exclamation v128) (local $question v128)
    (local $e v128) (local $r v128) (local $t v128) (local $name v128)

    (local.set $end
      (i64.or (i64.extend_i32_u (local.get $low)) (i64.shl (i64.extend_i32_u (local.get $high)) (i64.const 32))))
    (local.set $lessThan (i8x16.splat (i32.const 0x3c)))
    (local.set $slash (i8x16.splat (i32.const 0x2f)))
    (local.set $exclamation (i8x16.splat (i32.const 0x21)))
    (local.set $question (i8x16.splat (i32.const 0x3f)))
    (local.set $e (i8x16.splat (i32.const 0x65)))
    (local.set $r (i8x16.splat (i32.const 0x72)))
    (local.set $t (i8x16.splat (i32.const 0x74)))
    (local.set $name (i8x16.splat (local.get $initial)))

    (loop $blocks
      (if (i32.ge_u (local.get $p) (local.get $to)) (then (return (i32.const -1))))
      (local.set $first (v128.load offset=64 (local.get $p)))
      (local.set $second (v128.load offset=65 (local.get $p)))
      (local.set $third (v128.load offset=66 (local.get $p)))
      ;; Candidates: `</` before the list's initial or an r, `<tr`, `<re`, `<!` and `<?`.
      (local.set $candidates
        (i8x16.bitmask
          (v128.and
            (i8x16.eq (local.get $first) (local.get $lessThan))
            (v128.or
              (v128.or
                (v128.and
                  (i8x16.eq (local.get $second) (local.get $slash))
                  (v128.or
                    (i8x16.eq (local.get $third) (local.get $name))
                    (i8x16.eq (local.get $third) (local.get $r))))
                (v128.and
                  (i8x16.eq (local.get $second) (local.get $t))
                  (i8x16.eq (local.get $third) (local.get $r))))
              (v128.or
                (v128.and
                  (i8x16.eq (local.get $second) (local.get $r))
                  (i8x16.eq (local.get $third) (local.get $e)))
                (v128.or
                  (i8x16.eq (local.get $second) (local.get $exclamation))
                  (i8x16.eq (local.get $second) (local.get $question))))))))

      (block $next
        (loop $candidate
          (br_if $next (i32.eqz (local.get $candidates)))
          (local.set $at (i32.add (local.get $p) (i32.ctz (local.get $candidates))))
          (local.set $candidates (i32.and (local.get $candidates) (i32.sub (local.get $candidates) (i32.const 1))))
          (if (i32.ge_u (local.get $at) (local.get $to)) (then (return (i32.const -1))))
          (local.set $word (i64.load offset=64 (local.get $at)))

          ;; The last eight bytes: `</formats` begins like `</format>`.
          (if (i64.eq (i64.load offset=56 (i32.add (local.get $at) (local.get $length))) (local.get $end))
            (then
              (i32.store (i32.const 0) (local.get $tracks))
              (return (local.get $at))))

          ;; `<track`, by the byte behind it
          (if (i64.eq (i64.and (local.get $word) (i64.const 0xffffffffffff)) (i64.const 0x6b636172743c))
            (then
              (local.set $byte (i32.load8_u offset=70 (local.get $at)))
              (if (i32.eq (local.get $byte) (i32.const 0x3e))
                (then (local.set $tracks (i32.add (local.get $tracks) (i32.const 1))))
                (else
                  (if (i32.or (i32.le_u (local.get $byte) (i32.const 0x20)) (i32.eq (local.get $byte) (i32.const 0x2f)))
                    (then (return (i32.const -1))))))
              (br $candidate)))

          ;; `<!`, `<?`, `<release`, `</releas`
          (local.set $byte (i32.load8_u offset=65 (local.get $at)))
          (if (i32.or
                (i32.or (i32.eq (local.get $byte) (i32.const 0x21)) (i32.eq (local.get $byte) (i32.const 0x3f)))
                (i32.or
                  (i64.eq (local.get $word) (i64.const 0x657361656c65723c))
                  (i64.eq (local.get $word) (i64.const 0x7361656c65722f3c))))
            (then (return (i32.const -1))))
          (br $candidate)))

      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (br $blocks))
    (unreachable)))
