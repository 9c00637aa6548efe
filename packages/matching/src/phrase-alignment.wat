;; Finds the phrase that is most similar to a pattern, 128 phrases at a time by their bags of characters, and one by one by
;; their longest common subsequence where the bags allow as good a one as the best so far.
;; `PlainAlignment` in phrase-alignment.ts does the same 32 phrases at a time, and bag-filter.ts says how the bags are counted.
;; After a change: `npm run wasm`, which writes phrase-alignment-wasm.ts.
;;
;; Memory begins with the addresses and numbers at the offsets below; vector-alignment.ts lays out the rest.
;;    0 best phrase so far, or -1     4 numerator, 8 denominator of its similarity
;;   12 characters of the pattern    16 columns to add (addresses), 20 how many, 24 characters granted to all
;;   28 blocks of 128 phrases        32 shortest, 36 longest phrase of each block
;;   40 phrase of each bit, or -1    44 rank of each phrase: among equals the lowest is the best
;;   48 characters of shared words of each phrase, one more for each word; 0 for none
;;   52 start of each phrase's symbols (address)    56 start of each phrase's words (address)
;;   60 masks of the pattern's words: the places of each, with the space before it
;; A symbol is the address of its mask: the places where the pattern has it. A word is the address of its position in the
;; pattern plus one, or of 0, and four times its length.
(module
  (import "matching" "memory" (memory 1))

  ;; The lowest number of common characters that reaches the best similarity with a phrase of $length.
  (func $needed (param $length i32) (result i32)
    (local $twice i32)
    (local.set $twice (i32.shl (i32.load (i32.const 8)) (i32.const 1)))
    (i32.div_s
      (i32.sub
        (i32.add
          (i32.mul (i32.load (i32.const 4)) (i32.add (i32.load (i32.const 12)) (local.get $length)))
          (local.get $twice))
        (i32.const 1))
      (local.get $twice)))

  ;; Reads symbols from $from up to $to with only $places taking part; returns the next state.
  (func $feed (param $state i64) (param $from i32) (param $to i32) (param $places i64) (result i64)
    (local $hit i64)
    (block $end
      (br_if $end (i32.ge_u (local.get $from) (local.get $to)))
      (loop $symbol
        (local.set $hit
          (i64.and (i64.and (local.get $state) (local.get $places)) (i64.load (i32.load (local.get $from)))))
        (local.set $state
          (i64.or (i64.add (local.get $state) (local.get $hit)) (i64.xor (local.get $state) (local.get $hit))))
        (local.set $from (i32.add (local.get $from) (i32.const 4)))
        (br_if $symbol (i32.lt_u (local.get $from) (local.get $to)))))
    (local.get $state))

  ;; Common characters with a phrase that shares no word.
  (func $common (param $from i32) (param $to i32) (result i32)
    (i32.wrap_i64
      (i64.popcnt
        (i64.xor
          (call $feed (i64.const -1) (local.get $from) (local.get $to) (i64.const -1))
          (i64.const -1)))))

  ;; Common characters of the words that only the pattern has and those that only the phrase has.
  (func $commonOfRest (param $phrase i32) (param $from i32) (result i32)
    (local $word i32) (local $end i32) (local $position i32) (local $to i32) (local $gap i32)
    (local $places i64) (local $state i64)
    (local.set $word (i32.load (i32.add (i32.load (i32.const 56)) (i32.shl (local.get $phrase) (i32.const 2)))))
    (local.set $end (i32.load offset=4 (i32.add (i32.load (i32.const 56)) (i32.shl (local.get $phrase) (i32.const 2)))))
    (local.set $places (i64.const -1))
    (block $known
      (br_if $known (i32.ge_u (local.get $word) (local.get $end)))
      (loop $next
        (local.set $position (i32.load (i32.load (local.get $word))))
        (if (local.get $position)
          (then
            (local.set $places
              (i64.and
                (local.get $places)
                (i64.xor
                  (i64.load (i32.add (i32.load (i32.const 60)) (i32.shl (i32.sub (local.get $position) (i32.const 1)) (i32.const 3))))
                  (i64.const -1))))))
        (local.set $word (i32.add (local.get $word) (i32.const 8)))
        (br_if $next (i32.lt_u (local.get $word) (local.get $end)))))
    ;; Places beyond the pattern match nothing. If its first word is shared, the lowest place left is the space before a word.
    (if (i64.eqz (i64.and (local.get $places) (i64.const 1)))
      (then (local.set $places (i64.and (local.get $places) (i64.sub (local.get $places) (i64.const 1))))))
    (local.set $state (i64.const -1))
    (local.set $word (i32.load (i32.add (i32.load (i32.const 56)) (i32.shl (local.get $phrase) (i32.const 2)))))
    (block $done
      (br_if $done (i32.ge_u (local.get $word) (local.get $end)))
      (loop $next
        (local.set $to (i32.add (local.get $from) (i32.load offset=4 (local.get $word))))
        (if (i32.eqz (i32.load (i32.load (local.get $word))))
          (then
            ;; The space in front of a word stands for the one that joins it to the word before.
            (local.set $state
              (call $feed (local.get $state) (i32.sub (local.get $from) (local.get $gap)) (local.get $to) (local.get $places)))
            (local.set $gap (i32.const 4))))
        (local.set $from (i32.add (local.get $to) (i32.const 4)))
        (local.set $word (i32.add (local.get $word) (i32.const 8)))
        (br_if $next (i32.lt_u (local.get $word) (local.get $end)))))
    (i32.wrap_i64 (i64.popcnt (i64.xor (local.get $state) (i64.const -1)))))

  ;; Takes the phrase if it is more similar than the best so far, or as similar and of a lower rank.
  (func $align (param $phrase i32)
    (local $at i32) (local $from i32) (local $to i32) (local $shared i32) (local $numerator i32) (local $denominator i32)
    (local $gain i32) (local $best i32) (local $ranks i32)
    (local.set $at (i32.shl (local.get $phrase) (i32.const 2)))
    (local.set $from (i32.load (i32.add (i32.load (i32.const 52)) (local.get $at))))
    (local.set $to (i32.load offset=4 (i32.add (i32.load (i32.const 52)) (local.get $at))))
    (local.set $shared (i32.load (i32.add (i32.load (i32.const 48)) (local.get $at))))
    (local.set $numerator
      (i32.shl
        (if (result i32) (local.get $shared)
          (then (i32.add (local.get $shared) (call $commonOfRest (local.get $phrase) (local.get $from))))
          (else (call $common (local.get $from) (local.get $to))))
        (i32.const 1)))
    (local.set $denominator
      (i32.add (i32.load (i32.const 12)) (i32.shr_u (i32.sub (local.get $to) (local.get $from)) (i32.const 2))))
    (local.set $gain
      (i32.sub
        (i32.mul (local.get $numerator) (i32.load (i32.const 8)))
        (i32.mul (i32.load (i32.const 4)) (local.get $denominator))))
    (if (i32.lt_s (local.get $gain) (i32.const 0)) (then (return)))
    (local.set $best (i32.load (i32.const 0)))
    (if (i32.and (i32.eqz (local.get $gain)) (i32.ge_s (local.get $best) (i32.const 0)))
      (then
        (local.set $ranks (i32.load (i32.const 44)))
        (if (i32.le_u
              (i32.load (i32.add (local.get $ranks) (i32.shl (local.get $best) (i32.const 2))))
              (i32.load (i32.add (local.get $ranks) (local.get $at))))
          (then (return)))))
    (i32.store (i32.const 0) (local.get $phrase))
    (i32.store (i32.const 4) (local.get $numerator))
    (i32.store (i32.const 8) (local.get $denominator)))

  ;; Aligns the phrases of 64 bits, the first of which is bit $bit of all.
  (func $alignAll (param $bits i64) (param $bit i32)
    (local $phrase i32)
    (block $end
      (br_if $end (i64.eqz (local.get $bits)))
      (loop $next
        (local.set $phrase
          (i32.load
            (i32.add
              (i32.load (i32.const 40))
              (i32.shl (i32.add (local.get $bit) (i32.wrap_i64 (i64.ctz (local.get $bits)))) (i32.const 2)))))
        (if (i32.ge_s (local.get $phrase) (i32.const 0)) (then (call $align (local.get $phrase))))
        (local.set $bits (i64.and (local.get $bits) (i64.sub (local.get $bits) (i64.const 1))))
        (br_if $next (i32.eqz (i64.eqz (local.get $bits)))))))

  ;; Aligns the phrases of a block that share at least $needed characters with the pattern.
  (func $alignBlock (param $block i32) (param $needed i32)
    (local $at i32) (local $column i32) (local $last i32)
    (local $x1 v128) (local $x2 v128) (local $x3 v128) (local $x4 v128) (local $x5 v128) (local $x6 v128) (local $x7 v128)
    (local $c0 v128) (local $c1 v128) (local $c2 v128) (local $c3 v128) (local $c4 v128) (local $c5 v128) (local $c6 v128)
    (local $h v128) (local $s1 v128) (local $s2 v128) (local $k1 v128) (local $k2 v128) (local $k3 v128)
    (local $ones v128) (local $twos v128) (local $fours v128) (local $carry v128) (local $bits v128)
    (local.set $bits (i32x4.splat (i32.const -1)))
    (local.set $needed (i32.sub (local.get $needed) (i32.load (i32.const 24))))
    (if (i32.gt_s (local.get $needed) (i32.const 0))
      (then
        (local.set $at (i32.shl (local.get $block) (i32.const 4)))
        (local.set $column (i32.load (i32.const 16)))
        (local.set $last (i32.add (local.get $column) (i32.shl (i32.load (i32.const 20)) (i32.const 2))))
        (block $added
          (br_if $added (i32.ge_u (local.get $column) (local.get $last)))
          (loop $group
            (local.set $x1 (v128.load (i32.add (i32.load (local.get $column)) (local.get $at))))
            (local.set $x2 (v128.load (i32.add (i32.load offset=4 (local.get $column)) (local.get $at))))
            (local.set $x3 (v128.load (i32.add (i32.load offset=8 (local.get $column)) (local.get $at))))
            (local.set $x4 (v128.load (i32.add (i32.load offset=12 (local.get $column)) (local.get $at))))
            (local.set $x5 (v128.load (i32.add (i32.load offset=16 (local.get $column)) (local.get $at))))
            (local.set $x6 (v128.load (i32.add (i32.load offset=20 (local.get $column)) (local.get $at))))
            (local.set $x7 (v128.load (i32.add (i32.load offset=24 (local.get $column)) (local.get $at))))
            ;; Seven bits to one number of three: full adders, sum = a ^ b ^ c, carry = majority.
            (local.set $h (v128.xor (local.get $x1) (local.get $x2)))
            (local.set $s1 (v128.xor (local.get $h) (local.get $x3)))
            (local.set $k1 (v128.or (v128.and (local.get $x1) (local.get $x2)) (v128.and (local.get $h) (local.get $x3))))
            (local.set $h (v128.xor (local.get $x4) (local.get $x5)))
            (local.set $s2 (v128.xor (local.get $h) (local.get $x6)))
            (local.set $k2 (v128.or (v128.and (local.get $x4) (local.get $x5)) (v128.and (local.get $h) (local.get $x6))))
            (local.set $h (v128.xor (local.get $s1) (local.get $s2)))
            (local.set $ones (v128.xor (local.get $h) (local.get $x7)))
            (local.set $k3 (v128.or (v128.and (local.get $s1) (local.get $s2)) (v128.and (local.get $h) (local.get $x7))))
            (local.set $h (v128.xor (local.get $k1) (local.get $k2)))
            (local.set $twos (v128.xor (local.get $h) (local.get $k3)))
            (local.set $fours (v128.or (v128.and (local.get $k1) (local.get $k2)) (v128.and (local.get $h) (local.get $k3))))
            ;; Adds it to the counters.
            (local.set $carry (v128.and (local.get $c0) (local.get $ones)))
            (local.set $c0 (v128.xor (local.get $c0) (local.get $ones)))
            (local.set $h (v128.xor (local.get $c1) (local.get $twos)))
            (local.set $k1 (v128.or (v128.and (local.get $c1) (local.get $twos)) (v128.and (local.get $h) (local.get $carry))))
            (local.set $c1 (v128.xor (local.get $h) (local.get $carry)))
            (local.set $h (v128.xor (local.get $c2) (local.get $fours)))
            (local.set $k2 (v128.or (v128.and (local.get $c2) (local.get $fours)) (v128.and (local.get $h) (local.get $k1))))
            (local.set $c2 (v128.xor (local.get $h) (local.get $k1)))
            (local.set $carry (v128.and (local.get $c3) (local.get $k2)))
            (local.set $c3 (v128.xor (local.get $c3) (local.get $k2)))
            (local.set $k1 (v128.and (local.get $c4) (local.get $carry)))
            (local.set $c4 (v128.xor (local.get $c4) (local.get $carry)))
            (local.set $k2 (v128.and (local.get $c5) (local.get $k1)))
            (local.set $c5 (v128.xor (local.get $c5) (local.get $k1)))
            (local.set $c6 (v128.xor (local.get $c6) (local.get $k2)))
            (local.set $column (i32.add (local.get $column) (i32.const 28)))
            (br_if $group (i32.lt_u (local.get $column) (local.get $last)))))
        ;; Compares the counters with the number needed, from the lowest bit to the highest.
        (local.set $bits (call $compare (local.get $bits) (local.get $c0) (i32.and (local.get $needed) (i32.const 1))))
        (local.set $bits (call $compare (local.get $bits) (local.get $c1) (i32.and (local.get $needed) (i32.const 2))))
        (local.set $bits (call $compare (local.get $bits) (local.get $c2) (i32.and (local.get $needed) (i32.const 4))))
        (local.set $bits (call $compare (local.get $bits) (local.get $c3) (i32.and (local.get $needed) (i32.const 8))))
        (local.set $bits (call $compare (local.get $bits) (local.get $c4) (i32.and (local.get $needed) (i32.const 16))))
        (local.set $bits (call $compare (local.get $bits) (local.get $c5) (i32.and (local.get $needed) (i32.const 32))))
        (local.set $bits (call $compare (local.get $bits) (local.get $c6) (i32.and (local.get $needed) (i32.const 64))))))
    (local.set $at (i32.shl (local.get $block) (i32.const 7)))
    (call $alignAll (i64x2.extract_lane 0 (local.get $bits)) (local.get $at))
    (call $alignAll (i64x2.extract_lane 1 (local.get $bits)) (i32.add (local.get $at) (i32.const 64))))

  ;; One bit of the comparison: where the number needed has it, a counter without it is lower; else one with it is higher.
  (func $compare (param $bits v128) (param $counter v128) (param $needed i32) (result v128)
    (if (result v128) (local.get $needed)
      (then (v128.and (local.get $counter) (local.get $bits)))
      (else (v128.or (local.get $counter) (local.get $bits)))))

  ;; Goes through the blocks, those first whose phrases are nearest to the pattern in length, from block $above upwards and
  ;; from the one before it downwards, until what is left is too short or too long.
  (func (export "align") (param $above i32)
    (local $below i32) (local $blocks i32) (local $length i32) (local $needed i32)
    (local $shortest i32) (local $longest i32)
    (local.set $below (i32.sub (local.get $above) (i32.const 1)))
    (local.set $blocks (i32.load (i32.const 28)))
    (local.set $length (i32.load (i32.const 12)))
    (local.set $shortest (i32.load (i32.const 32)))
    (local.set $longest (i32.load (i32.const 36)))
    (loop $next
      (if (i32.lt_s (local.get $above) (local.get $blocks))
        (then
          ;; With nothing left below, what is compared does not matter.
          (if (i32.or
                (i32.lt_s (local.get $below) (i32.const 0))
                (i32.le_s
                  (i32.sub
                    (i32.load (i32.add (local.get $shortest) (i32.shl (local.get $above) (i32.const 2))))
                    (local.get $length))
                  (i32.sub
                    (local.get $length)
                    (i32.load (i32.add (local.get $longest) (i32.shl (local.get $below) (i32.const 2)))))))
            (then
              (local.set $needed
                (call $needed (i32.load (i32.add (local.get $shortest) (i32.shl (local.get $above) (i32.const 2))))))
              (if (i32.gt_s (local.get $needed) (local.get $length))
                (then (local.set $above (local.get $blocks)))
                (else
                  (call $alignBlock (local.get $above) (local.get $needed))
                  (local.set $above (i32.add (local.get $above) (i32.const 1)))))
              (br $next)))))
      (if (i32.ge_s (local.get $below) (i32.const 0))
        (then
          (local.set $needed
            (call $needed (i32.load (i32.add (local.get $longest) (i32.shl (local.get $below) (i32.const 2))))))
          (if (i32.gt_s (local.get $needed) (i32.load (i32.add (local.get $longest) (i32.shl (local.get $below) (i32.const 2)))))
            (then (local.set $below (i32.const -1)))
            (else
              (call $alignBlock
                (local.get $below)
                (call $needed (i32.load (i32.add (local.get $shortest) (i32.shl (local.get $below) (i32.const 2))))))
              (local.set $below (i32.sub (local.get $below) (i32.const 1)))))
          (br $next))))))
