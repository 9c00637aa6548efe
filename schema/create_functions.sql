-- The extensions, f_unaccent(text) and the forms of names. The first two live in public, outside every schema that a run builds and replaces, and are
-- created only if missing: the published cache's indexes depend on them.
--
--   psql -f schema/create_functions.sql discogs

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;

-- unaccent(text) is only STABLE, because its dictionary is found by the search path. With the dictionary pinned the result
-- never changes, so it can be indexed.
DO $$
BEGIN
  IF to_regprocedure('public.f_unaccent(text)') IS NULL THEN
    CREATE FUNCTION public.f_unaccent(text) RETURNS text
      LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
      AS $f$ SELECT public.unaccent('public.unaccent'::regdictionary, $1) $f$;
  END IF;
END $$;

-- Forms of names and titles, for the indexes and functions of searches: the normal and loose forms of the package `text`, as
-- far as SQL can compute them. They live in the schema discogs, which stays when a cache is replaced. Indexes of published
-- caches depend on them: existing ones are never replaced, and a form that changes gets a new name.

CREATE SCHEMA IF NOT EXISTS discogs;
GRANT USAGE ON SCHEMA discogs TO PUBLIC;

DO $forms$
BEGIN
  IF to_regprocedure('discogs.title_key(text)') IS NOT NULL THEN
    RETURN;
  END IF;

  -- Character classes without their brackets, as `text` has them. PostgreSQL's own depend on the database's locale, and know no
  -- scripts.

  -- Letters of the three scripts in which a mark is only spelling; elsewhere it is part of the letter.
  CREATE OR REPLACE FUNCTION discogs.spelled_letters() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT 'a-zA-Z'
      '\u00AA\u00BA\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02B8\u02E0-\u02E4\u0370-\u0373\u0376-\u0377\u037A-\u037D\u037F\u0386'
      '\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03E1\u03F0-\u03F5\u03F7-\u0481\u048A-\u052F\u1C80-\u1C8A\u1D00-\u1DBF'
      '\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4'
      '\u1FB6-\u1FBC\u1FBE\u1FC2-\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC\u2071'
      '\u207F\u2090-\u209C\u2126\u212A-\u212B\u2132\u214E\u2183-\u2184\u2C60-\u2C7F\uA640-\uA66E\uA67F-\uA69D\uA722-\uA787'
      '\uA78B-\uA7DC\uA7F1-\uA7FF\uAB30-\uAB5A\uAB5C-\uAB69\uFB00-\uFB06\uFF21-\uFF3A\uFF41-\uFF5A\U00010780-\U00010785'
      '\U00010787-\U000107B0\U000107B2-\U000107BA\U0001DF00-\U0001DF1E\U0001DF25-\U0001DF2A\U0001E030-\U0001E06D' $f$;

  CREATE OR REPLACE FUNCTION discogs.marks() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT '\u0300-\u036F\u0483-\u0489\u0591-\u05BD\u05BF\u05C1-\u05C2\u05C4-\u05C5\u05C7\u0610-\u061A\u064B-\u065F\u0670'
      '\u06D6-\u06DC\u06DF-\u06E4\u06E7-\u06E8\u06EA-\u06ED\u0711\u0730-\u074A\u07A6-\u07B0\u07EB-\u07F3\u07FD\u0816-\u0819'
      '\u081B-\u0823\u0825-\u0827\u0829-\u082D\u0859-\u085B\u0897-\u089F\u08CA-\u08E1\u08E3-\u0903\u093A-\u093C\u093E-\u094F'
      '\u0951-\u0957\u0962-\u0963\u0981-\u0983\u09BC\u09BE-\u09C4\u09C7-\u09C8\u09CB-\u09CD\u09D7\u09E2-\u09E3\u09FE'
      '\u0A01-\u0A03\u0A3C\u0A3E-\u0A42\u0A47-\u0A48\u0A4B-\u0A4D\u0A51\u0A70-\u0A71\u0A75\u0A81-\u0A83\u0ABC\u0ABE-\u0AC5'
      '\u0AC7-\u0AC9\u0ACB-\u0ACD\u0AE2-\u0AE3\u0AFA-\u0AFF\u0B01-\u0B03\u0B3C\u0B3E-\u0B44\u0B47-\u0B48\u0B4B-\u0B4D'
      '\u0B55-\u0B57\u0B62-\u0B63\u0B82\u0BBE-\u0BC2\u0BC6-\u0BC8\u0BCA-\u0BCD\u0BD7\u0C00-\u0C04\u0C3C\u0C3E-\u0C44'
      '\u0C46-\u0C48\u0C4A-\u0C4D\u0C55-\u0C56\u0C62-\u0C63\u0C81-\u0C83\u0CBC\u0CBE-\u0CC4\u0CC6-\u0CC8\u0CCA-\u0CCD'
      '\u0CD5-\u0CD6\u0CE2-\u0CE3\u0CF3\u0D00-\u0D03\u0D3B-\u0D3C\u0D3E-\u0D44\u0D46-\u0D48\u0D4A-\u0D4D\u0D57\u0D62-\u0D63'
      '\u0D81-\u0D83\u0DCA\u0DCF-\u0DD4\u0DD6\u0DD8-\u0DDF\u0DF2-\u0DF3\u0E31\u0E34-\u0E3A\u0E47-\u0E4E\u0EB1\u0EB4-\u0EBC'
      '\u0EC8-\u0ECE\u0F18-\u0F19\u0F35\u0F37\u0F39\u0F3E-\u0F3F\u0F71-\u0F84\u0F86-\u0F87\u0F8D-\u0F97\u0F99-\u0FBC\u0FC6'
      '\u102B-\u103E\u1056-\u1059\u105E-\u1060\u1062-\u1064\u1067-\u106D\u1071-\u1074\u1082-\u108D\u108F\u109A-\u109D'
      '\u135D-\u135F\u1712-\u1715\u1732-\u1734\u1752-\u1753\u1772-\u1773\u17B4-\u17D3\u17DD\u180B-\u180D\u180F\u1885-\u1886'
      '\u18A9\u1920-\u192B\u1930-\u193B\u1A17-\u1A1B\u1A55-\u1A5E\u1A60-\u1A7C\u1A7F\u1AB0-\u1ADD\u1AE0-\u1AEB\u1B00-\u1B04'
      '\u1B34-\u1B44\u1B6B-\u1B73\u1B80-\u1B82\u1BA1-\u1BAD\u1BE6-\u1BF3\u1C24-\u1C37\u1CD0-\u1CD2\u1CD4-\u1CE8\u1CED\u1CF4'
      '\u1CF7-\u1CF9\u1DC0-\u1DFF\u20D0-\u20F0\u2CEF-\u2CF1\u2D7F\u2DE0-\u2DFF\u302A-\u302F\u3099-\u309A\uA66F-\uA672'
      '\uA674-\uA67D\uA69E-\uA69F\uA6F0-\uA6F1\uA802\uA806\uA80B\uA823-\uA827\uA82C\uA880-\uA881\uA8B4-\uA8C5\uA8E0-\uA8F1'
      '\uA8FF\uA926-\uA92D\uA947-\uA953\uA980-\uA983\uA9B3-\uA9C0\uA9E5\uAA29-\uAA36\uAA43\uAA4C-\uAA4D\uAA7B-\uAA7D\uAAB0'
      '\uAAB2-\uAAB4\uAAB7-\uAAB8\uAABE-\uAABF\uAAC1\uAAEB-\uAAEF\uAAF5-\uAAF6\uABE3-\uABEA\uABEC-\uABED\uFB1E\uFE00-\uFE0F'
      '\uFE20-\uFE2F\U000101FD\U000102E0\U00010376-\U0001037A\U00010A01-\U00010A03\U00010A05-\U00010A06\U00010A0C-\U00010A0F'
      '\U00010A38-\U00010A3A\U00010A3F\U00010AE5-\U00010AE6\U00010D24-\U00010D27\U00010D69-\U00010D6D\U00010EAB-\U00010EAC'
      '\U00010EFA-\U00010EFF\U00010F46-\U00010F50\U00010F82-\U00010F85\U00011000-\U00011002\U00011038-\U00011046\U00011070'
      '\U00011073-\U00011074\U0001107F-\U00011082\U000110B0-\U000110BA\U000110C2\U00011100-\U00011102\U00011127-\U00011134'
      '\U00011145-\U00011146\U00011173\U00011180-\U00011182\U000111B3-\U000111C0\U000111C9-\U000111CC\U000111CE-\U000111CF'
      '\U0001122C-\U00011237\U0001123E\U00011241\U000112DF-\U000112EA\U00011300-\U00011303\U0001133B-\U0001133C'
      '\U0001133E-\U00011344\U00011347-\U00011348\U0001134B-\U0001134D\U00011357\U00011362-\U00011363\U00011366-\U0001136C'
      '\U00011370-\U00011374\U000113B8-\U000113C0\U000113C2\U000113C5\U000113C7-\U000113CA\U000113CC-\U000113D0\U000113D2'
      '\U000113E1-\U000113E2\U00011435-\U00011446\U0001145E\U000114B0-\U000114C3\U000115AF-\U000115B5\U000115B8-\U000115C0'
      '\U000115DC-\U000115DD\U00011630-\U00011640\U000116AB-\U000116B7\U0001171D-\U0001172B\U0001182C-\U0001183A'
      '\U00011930-\U00011935\U00011937-\U00011938\U0001193B-\U0001193E\U00011940\U00011942-\U00011943\U000119D1-\U000119D7'
      '\U000119DA-\U000119E0\U000119E4\U00011A01-\U00011A0A\U00011A33-\U00011A39\U00011A3B-\U00011A3E\U00011A47'
      '\U00011A51-\U00011A5B\U00011A8A-\U00011A99\U00011B60-\U00011B67\U00011C2F-\U00011C36\U00011C38-\U00011C3F'
      '\U00011C92-\U00011CA7\U00011CA9-\U00011CB6\U00011D31-\U00011D36\U00011D3A\U00011D3C-\U00011D3D\U00011D3F-\U00011D45'
      '\U00011D47\U00011D8A-\U00011D8E\U00011D90-\U00011D91\U00011D93-\U00011D97\U00011EF3-\U00011EF6\U00011F00-\U00011F01'
      '\U00011F03\U00011F34-\U00011F3A\U00011F3E-\U00011F42\U00011F5A\U00013440\U00013447-\U00013455\U0001611E-\U0001612F'
      '\U00016AF0-\U00016AF4\U00016B30-\U00016B36\U00016F4F\U00016F51-\U00016F87\U00016F8F-\U00016F92\U00016FE4'
      '\U00016FF0-\U00016FF1\U0001BC9D-\U0001BC9E\U0001CF00-\U0001CF2D\U0001CF30-\U0001CF46\U0001D165-\U0001D169'
      '\U0001D16D-\U0001D172\U0001D17B-\U0001D182\U0001D185-\U0001D18B\U0001D1AA-\U0001D1AD\U0001D242-\U0001D244'
      '\U0001DA00-\U0001DA36\U0001DA3B-\U0001DA6C\U0001DA75\U0001DA84\U0001DA9B-\U0001DA9F\U0001DAA1-\U0001DAAF'
      '\U0001E000-\U0001E006\U0001E008-\U0001E018\U0001E01B-\U0001E021\U0001E023-\U0001E024\U0001E026-\U0001E02A\U0001E08F'
      '\U0001E130-\U0001E136\U0001E2AE\U0001E2EC-\U0001E2EF\U0001E4EC-\U0001E4EF\U0001E5EE-\U0001E5EF\U0001E6E3\U0001E6E6'
      '\U0001E6EE-\U0001E6EF\U0001E6F5\U0001E8D0-\U0001E8D6\U0001E944-\U0001E94A\U000E0100-\U000E01EF' $f$;

  -- Digits that no compatibility form makes ASCII.
  CREATE OR REPLACE FUNCTION discogs.digits() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT '0-9'
      '\u0660-\u0669\u06F0-\u06F9\u07C0-\u07C9\u0966-\u096F\u09E6-\u09EF\u0A66-\u0A6F\u0AE6-\u0AEF\u0B66-\u0B6F\u0BE6-\u0BEF'
      '\u0C66-\u0C6F\u0CE6-\u0CEF\u0D66-\u0D6F\u0DE6-\u0DEF\u0E50-\u0E59\u0ED0-\u0ED9\u0F20-\u0F29\u1040-\u1049\u1090-\u1099'
      '\u17E0-\u17E9\u1810-\u1819\u1946-\u194F\u19D0-\u19D9\u1A80-\u1A89\u1A90-\u1A99\u1B50-\u1B59\u1BB0-\u1BB9\u1C40-\u1C49'
      '\u1C50-\u1C59\uA620-\uA629\uA8D0-\uA8D9\uA900-\uA909\uA9D0-\uA9D9\uA9F0-\uA9F9\uAA50-\uAA59\uABF0-\uABF9'
      '\U000104A0-\U000104A9\U00010D30-\U00010D39\U00010D40-\U00010D49\U00011066-\U0001106F\U000110F0-\U000110F9'
      '\U00011136-\U0001113F\U000111D0-\U000111D9\U000112F0-\U000112F9\U00011450-\U00011459\U000114D0-\U000114D9'
      '\U00011650-\U00011659\U000116C0-\U000116C9\U000116D0-\U000116E3\U00011730-\U00011739\U000118E0-\U000118E9'
      '\U00011950-\U00011959\U00011BF0-\U00011BF9\U00011C50-\U00011C59\U00011D50-\U00011D59\U00011DA0-\U00011DA9'
      '\U00011DE0-\U00011DE9\U00011F50-\U00011F59\U00016130-\U00016139\U00016A60-\U00016A69\U00016AC0-\U00016AC9'
      '\U00016B50-\U00016B59\U00016D70-\U00016D79\U0001E140-\U0001E149\U0001E2F0-\U0001E2F9\U0001E4F0-\U0001E4F9'
      '\U0001E5F1-\U0001E5FA\U0001E950-\U0001E959' $f$;

  CREATE OR REPLACE FUNCTION discogs.other_numbers() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT '\u09F4-\u09F9\u0B72-\u0B77\u0BF0-\u0BF2\u0C78-\u0C7E\u0D58-\u0D5E\u0D70-\u0D78\u0F2A-\u0F33\u1369-\u137C\u16EE-\u16F0'
      '\u17F0-\u17F9\u19DA\u2180-\u2182\u2185-\u2188\u24EB-\u24FF\u2776-\u2793\u2CFD\u3007\u3021-\u3029\u3248-\u324F'
      '\uA6E6-\uA6EF\uA830-\uA835\U00010107-\U00010133\U00010140-\U00010178\U0001018A-\U0001018B\U000102E1-\U000102FB'
      '\U00010320-\U00010323\U00010341\U0001034A\U000103D1-\U000103D5\U00010858-\U0001085F\U00010879-\U0001087F'
      '\U000108A7-\U000108AF\U000108FB-\U000108FF\U00010916-\U0001091B\U000109BC-\U000109BD\U000109C0-\U000109CF'
      '\U000109D2-\U000109FF\U00010A40-\U00010A48\U00010A7D-\U00010A7E\U00010A9D-\U00010A9F\U00010AEB-\U00010AEF'
      '\U00010B58-\U00010B5F\U00010B78-\U00010B7F\U00010BA9-\U00010BAF\U00010CFA-\U00010CFF\U00010E60-\U00010E7E'
      '\U00010F1D-\U00010F26\U00010F51-\U00010F54\U00010FC5-\U00010FCB\U00011052-\U00011065\U000111E1-\U000111F4'
      '\U0001173A-\U0001173B\U000118EA-\U000118F2\U00011C5A-\U00011C6C\U00011FC0-\U00011FD4\U00012400-\U0001246E'
      '\U00016B5B-\U00016B61\U00016E80-\U00016E96\U00016FF4-\U00016FF6\U0001D2C0-\U0001D2D3\U0001D2E0-\U0001D2F3'
      '\U0001D360-\U0001D378\U0001E8C7-\U0001E8CF\U0001EC71-\U0001ECAB\U0001ECAD-\U0001ECAF\U0001ECB1-\U0001ECB4'
      '\U0001ED01-\U0001ED2D\U0001ED2F-\U0001ED3D\U0001F10B-\U0001F10C' $f$;

  -- They only steer how a text is shown.
  CREATE OR REPLACE FUNCTION discogs.format_characters() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT '\u00AD\u0600-\u0605\u061C\u06DD\u070F\u0890-\u0891\u08E2\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F'
      '\uFEFF\uFFF9-\uFFFB\U000110BD\U000110CD\U00013430-\U0001343F\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0001'
      '\U000E0020-\U000E007F' $f$;

  -- Everything but letters, marks and numbers.
  CREATE OR REPLACE FUNCTION discogs.separators() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT '\u0001-/:-@\[-`{-\u007F'
      '\u0080-\u00A9\u00AB-\u00B1\u00B4\u00B6-\u00B8\u00BB\u00BF\u00D7\u00F7\u02C2-\u02C5\u02D2-\u02DF\u02E5-\u02EB\u02ED'
      '\u02EF-\u02FF\u0375\u037E\u0384-\u0385\u0387\u03F6\u0482\u055A-\u055F\u0589-\u058A\u058D-\u058F\u05BE\u05C0\u05C3'
      '\u05C6\u05F3-\u05F4\u0600-\u060F\u061B-\u061F\u066A-\u066D\u06D4\u06DD-\u06DE\u06E9\u06FD-\u06FE\u0700-\u070D\u070F'
      '\u07F6-\u07F9\u07FE-\u07FF\u0830-\u083E\u085E\u0888\u0890-\u0891\u08E2\u0964-\u0965\u0970\u09F2-\u09F3\u09FA-\u09FB'
      '\u09FD\u0A76\u0AF0-\u0AF1\u0B70\u0BF3-\u0BFA\u0C77\u0C7F\u0C84\u0D4F\u0D79\u0DF4\u0E3F\u0E4F\u0E5A-\u0E5B\u0F01-\u0F17'
      '\u0F1A-\u0F1F\u0F34\u0F36\u0F38\u0F3A-\u0F3D\u0F85\u0FBE-\u0FC5\u0FC7-\u0FCC\u0FCE-\u0FDA\u104A-\u104F\u109E-\u109F'
      '\u10FB\u1360-\u1368\u1390-\u1399\u1400\u166D-\u166E\u1680\u169B-\u169C\u16EB-\u16ED\u1735-\u1736\u17D4-\u17D6'
      '\u17D8-\u17DB\u1800-\u180A\u180E\u1940\u1944-\u1945\u19DE-\u19FF\u1A1E-\u1A1F\u1AA0-\u1AA6\u1AA8-\u1AAD\u1B4E-\u1B4F'
      '\u1B5A-\u1B6A\u1B74-\u1B7F\u1BFC-\u1BFF\u1C3B-\u1C3F\u1C7E-\u1C7F\u1CC0-\u1CC7\u1CD3\u1FBD\u1FBF-\u1FC1\u1FCD-\u1FCF'
      '\u1FDD-\u1FDF\u1FED-\u1FEF\u1FFD-\u1FFE\u2000-\u2064\u2066-\u206F\u207A-\u207E\u208A-\u208E\u20A0-\u20C1\u2100-\u2101'
      '\u2103-\u2106\u2108-\u2109\u2114\u2116-\u2118\u211E-\u2123\u2125\u2127\u2129\u212E\u213A-\u213B\u2140-\u2144'
      '\u214A-\u214D\u214F\u218A-\u218B\u2190-\u2429\u2440-\u244A\u249C-\u24E9\u2500-\u2775\u2794-\u2B73\u2B76-\u2BFF'
      '\u2CE5-\u2CEA\u2CF9-\u2CFC\u2CFE-\u2CFF\u2D70\u2E00-\u2E2E\u2E30-\u2E5D\u2E80-\u2E99\u2E9B-\u2EF3\u2F00-\u2FD5'
      '\u2FF0-\u3004\u3008-\u3020\u3030\u3036-\u3037\u303D-\u303F\u309B-\u309C\u30A0\u30FB\u3190-\u3191\u3196-\u319F'
      '\u31C0-\u31E5\u31EF\u3200-\u321E\u322A-\u3247\u3250\u3260-\u327F\u328A-\u32B0\u32C0-\u33FF\u4DC0-\u4DFF\uA490-\uA4C6'
      '\uA4FE-\uA4FF\uA60D-\uA60F\uA673\uA67E\uA6F2-\uA6F7\uA700-\uA716\uA720-\uA721\uA789-\uA78A\uA828-\uA82B\uA836-\uA839'
      '\uA874-\uA877\uA8CE-\uA8CF\uA8F8-\uA8FA\uA8FC\uA92E-\uA92F\uA95F\uA9C1-\uA9CD\uA9DE-\uA9DF\uAA5C-\uAA5F\uAA77-\uAA79'
      '\uAADE-\uAADF\uAAF0-\uAAF1\uAB5B\uAB6A-\uAB6B\uABEB\uE000-\uF8FF\uFB29\uFBB2-\uFBD2\uFD3E-\uFD4F\uFD90-\uFD91'
      '\uFDC8-\uFDCF\uFDFC-\uFDFF\uFE10-\uFE19\uFE30-\uFE52\uFE54-\uFE66\uFE68-\uFE6B\uFEFF\uFF01-\uFF0F\uFF1A-\uFF20'
      '\uFF3B-\uFF40\uFF5B-\uFF65\uFFE0-\uFFE6\uFFE8-\uFFEE\uFFF9-\uFFFD\U00010100-\U00010102\U00010137-\U0001013F'
      '\U00010179-\U00010189\U0001018C-\U0001018E\U00010190-\U0001019C\U000101A0\U000101D0-\U000101FC\U0001039F\U000103D0'
      '\U0001056F\U00010857\U00010877-\U00010878\U0001091F\U0001093F\U00010A50-\U00010A58\U00010A7F\U00010AC8'
      '\U00010AF0-\U00010AF6\U00010B39-\U00010B3F\U00010B99-\U00010B9C\U00010D6E\U00010D8E-\U00010D8F\U00010EAD'
      '\U00010ED0-\U00010ED8\U00010F55-\U00010F59\U00010F86-\U00010F89\U00011047-\U0001104D\U000110BB-\U000110C1\U000110CD'
      '\U00011140-\U00011143\U00011174-\U00011175\U000111C5-\U000111C8\U000111CD\U000111DB\U000111DD-\U000111DF'
      '\U00011238-\U0001123D\U000112A9\U000113D4-\U000113D5\U000113D7-\U000113D8\U0001144B-\U0001144F\U0001145A-\U0001145B'
      '\U0001145D\U000114C6\U000115C1-\U000115D7\U00011641-\U00011643\U00011660-\U0001166C\U000116B9\U0001173C-\U0001173F'
      '\U0001183B\U00011944-\U00011946\U000119E2\U00011A3F-\U00011A46\U00011A9A-\U00011A9C\U00011A9E-\U00011AA2'
      '\U00011B00-\U00011B09\U00011BE1\U00011C41-\U00011C45\U00011C70-\U00011C71\U00011EF7-\U00011EF8\U00011F43-\U00011F4F'
      '\U00011FD5-\U00011FF1\U00011FFF\U00012470-\U00012474\U00012FF1-\U00012FF2\U00013430-\U0001343F\U00016A6E-\U00016A6F'
      '\U00016AF5\U00016B37-\U00016B3F\U00016B44-\U00016B45\U00016D6D-\U00016D6F\U00016E97-\U00016E9A\U00016FE2\U0001BC9C'
      '\U0001BC9F-\U0001BCA3\U0001CC00-\U0001CCEF\U0001CCFA-\U0001CCFC\U0001CD00-\U0001CEB3\U0001CEBA-\U0001CED0'
      '\U0001CEE0-\U0001CEF0\U0001CF50-\U0001CFC3\U0001D000-\U0001D0F5\U0001D100-\U0001D126\U0001D129-\U0001D164'
      '\U0001D16A-\U0001D16C\U0001D173-\U0001D17A\U0001D183-\U0001D184\U0001D18C-\U0001D1A9\U0001D1AE-\U0001D1EA'
      '\U0001D200-\U0001D241\U0001D245\U0001D300-\U0001D356\U0001D6C1\U0001D6DB\U0001D6FB\U0001D715\U0001D735\U0001D74F'
      '\U0001D76F\U0001D789\U0001D7A9\U0001D7C3\U0001D800-\U0001D9FF\U0001DA37-\U0001DA3A\U0001DA6D-\U0001DA74'
      '\U0001DA76-\U0001DA83\U0001DA85-\U0001DA8B\U0001E14F\U0001E2FF\U0001E5FF\U0001E95E-\U0001E95F\U0001ECAC\U0001ECB0'
      '\U0001ED2E\U0001EEF0-\U0001EEF1\U0001F000-\U0001F02B\U0001F030-\U0001F093\U0001F0A0-\U0001F0AE\U0001F0B1-\U0001F0BF'
      '\U0001F0C1-\U0001F0CF\U0001F0D1-\U0001F0F5\U0001F10D-\U0001F1AD\U0001F1E6-\U0001F202\U0001F210-\U0001F23B'
      '\U0001F240-\U0001F248\U0001F250-\U0001F251\U0001F260-\U0001F265\U0001F300-\U0001F6D8\U0001F6DC-\U0001F6EC'
      '\U0001F6F0-\U0001F6FC\U0001F700-\U0001F7D9\U0001F7E0-\U0001F7EB\U0001F7F0\U0001F800-\U0001F80B\U0001F810-\U0001F847'
      '\U0001F850-\U0001F859\U0001F860-\U0001F887\U0001F890-\U0001F8AD\U0001F8B0-\U0001F8BB\U0001F8C0-\U0001F8C1'
      '\U0001F8D0-\U0001F8D8\U0001F900-\U0001FA57\U0001FA60-\U0001FA6D\U0001FA70-\U0001FA7C\U0001FA80-\U0001FA8A'
      '\U0001FA8E-\U0001FAC6\U0001FAC8\U0001FACD-\U0001FADC\U0001FADF-\U0001FAEA\U0001FAEF-\U0001FAF8\U0001FB00-\U0001FB92'
      '\U0001FB94-\U0001FBEF\U0001FBFA\U000E0001\U000E0020-\U000E007F\U000F0000-\U000FFFFD\U00100000-\U0010FFFD' $f$;

  -- White space of Python, which \s is not.
  CREATE OR REPLACE FUNCTION discogs.white_space() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT E' \t\n\x0B\f\r\x1C\x1D\x1E\x1F\u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000' $f$;

  -- For regular expressions that say "a letter", as a negated class.
  CREATE OR REPLACE FUNCTION discogs.not_letters() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT discogs.separators() || discogs.marks() || discogs.digits() || discogs.other_numbers() $f$;

  -- In lower case whatever the locale: with that of C the server lowers ASCII alone.
  CREATE OR REPLACE FUNCTION discogs.lowered(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT CASE WHEN lower('Ж') = 'ж' OR octet_length($1) = length($1) THEN lower($1) ELSE translate(lower($1),
      'АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩÆÐØÞĐĦŁŊŒŦЂЄЅІЈЉЊЋЏƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƢƤƦƧƩƬ'
      'ƮƱƲƳƵƷƸƼǤǶǷȜȠȢȤȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲͶͿϏϘϚϜϞϠϢϤϦϨϪϬϮϷϺϽϾϿѠѢѤѦѨѪѬѮѰѲѴѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӃӅӇӉӋӍ'
      'ӔӘӠӨӶӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖႠႡႢႣႤႥႦႧႨႩႪႫႬႭႮႯႰႱႲႳႴႵႶႷႸႹႺႻႼႽ'
      'ႾႿჀჁჂჃჄჅჇჍᎠᎡᎢᎣᎤᎥᎦᎧᎨᎩᎪᎫᎬᎭᎮᎯᎰᎱᎲᎳᎴᎵᎶᎷᎸᎹᎺᎻᎼᎽᎾᎿᏀᏁᏂᏃᏄᏅᏆᏇᏈᏉᏊᏋᏌᏍᏎᏏᏐᏑᏒᏓᏔᏕᏖᏗᏘᏙᏚᏛᏜᏝᏞᏟᏠᏡᏢᏣᏤᏥᏦᏧᏨᏩᏪᏫᏬᏭᏮᏯᏰᏱᏲᏳᏴᏵᲉᲐᲑᲒ'
      'ᲓᲔᲕᲖᲗᲘᲙᲚᲛᲜᲝᲞᲟᲠᲡᲢᲣᲤᲥᲦᲧᲨᲩᲪᲫᲬᲭᲮᲯᲰᲱᲲᲳᲴᲵᲶᲷᲸᲹᲺᲽᲾᲿẞỺỼỾℲↃⰀⰁⰂⰃⰄⰅⰆⰇⰈⰉⰊⰋⰌⰍⰎⰏⰐⰑⰒⰓⰔⰕⰖⰗⰘⰙⰚⰛⰜⰝⰞⰟⰠⰡⰢⰣⰤⰥⰦⰧⰨⰩⰪⰫⰬⰭⰮⰯⱠⱢⱣ'
      'ⱤⱧⱩⱫⱭⱮⱯⱰⱲⱵⱾⱿⲀⲂⲄⲆⲈⲊⲌⲎⲐⲒⲔⲖⲘⲚⲜⲞⲠⲢⲤⲦⲨⲪⲬⲮⲰⲲⲴⲶⲸⲺⲼⲾⳀⳂⳄⳆⳈⳊⳌⳎⳐⳒⳔⳖⳘⳚⳜⳞⳠⳢⳫⳭⳲꙀꙂꙄꙆꙈꙊꙌꙎꙐꙒꙔꙖꙘꙚꙜꙞꙠꙢꙤꙦꙨꙪꙬꚀꚂꚄꚆꚈꚊꚌꚎꚐꚒꚔꚖ'
      'ꚘꚚꜢꜤꜦꜨꜪꜬꜮꜲꜴꜶꜸꜺꜼꜾꝀꝂꝄꝆꝈꝊꝌꝎꝐꝒꝔꝖꝘꝚꝜꝞꝠꝢꝤꝦꝨꝪꝬꝮꝹꝻꝽꝾꞀꞂꞄꞆꞋꞍꞐꞒꞖꞘꞚꞜꞞꞠꞢꞤꞦꞨꞪꞫꞬꞭꞮꞰꞱꞲꞳꞴꞶꞸꞺꞼꞾꟀꟂꟄꟅꟆꟇꟉꟋꟌ꟎Ꟑ꟒꟔ꟖꟘꟚꟜꟵ𐐀𐐁𐐂𐐃𐐄'
      '𐐅𐐆𐐇𐐈𐐉𐐊𐐋𐐌𐐍𐐎𐐏𐐐𐐑𐐒𐐓𐐔𐐕𐐖𐐗𐐘𐐙𐐚𐐛𐐜𐐝𐐞𐐟𐐠𐐡𐐢𐐣𐐤𐐥𐐦𐐧𐒰𐒱𐒲𐒳𐒴𐒵𐒶𐒷𐒸𐒹𐒺𐒻𐒼𐒽𐒾𐒿𐓀𐓁𐓂𐓃𐓄𐓅𐓆𐓇𐓈𐓉𐓊𐓋𐓌𐓍𐓎𐓏𐓐𐓑𐓒𐓓𐕰𐕱𐕲𐕳𐕴𐕵𐕶𐕷𐕸𐕹𐕺𐕼𐕽𐕾𐕿𐖀𐖁𐖂𐖃𐖄𐖅𐖆𐖇𐖈𐖉𐖊𐖌𐖍𐖎'
      '𐖏𐖐𐖑𐖒𐖔𐖕𐲀𐲁𐲂𐲃𐲄𐲅𐲆𐲇𐲈𐲉𐲊𐲋𐲌𐲍𐲎𐲏𐲐𐲑𐲒𐲓𐲔𐲕𐲖𐲗𐲘𐲙𐲚𐲛𐲜𐲝𐲞𐲟𐲠𐲡𐲢𐲣𐲤𐲥𐲦𐲧𐲨𐲩𐲪𐲫𐲬𐲭𐲮𐲯𐲰𐲱𐲲𐵐𐵑𐵒𐵓𐵔𐵕𐵖𐵗𐵘𐵙𐵚𐵛𐵜𐵝𐵞𐵟𐵠𐵡𐵢𐵣𐵤𐵥𑢠𑢡𑢢𑢣𑢤𑢥𑢦𑢧𑢨𑢩𑢪𑢫𑢬𑢭𑢮𑢯𑢰𑢱𑢲𑢳𑢴'
      '𑢵𑢶𑢷𑢸𑢹𑢺𑢻𑢼𑢽𑢾𑢿𖹀𖹁𖹂𖹃𖹄𖹅𖹆𖹇𖹈𖹉𖹊𖹋𖹌𖹍𖹎𖹏𖹐𖹑𖹒𖹓𖹔𖹕𖹖𖹗𖹘𖹙𖹚𖹛𖹜𖹝𖹞𖹟𖺠𖺡𖺢𖺣𖺤𖺥𖺦𖺧𖺨𖺩𖺪𖺫𖺬𖺭𖺮𖺯𖺰𖺱𖺲𖺳𖺴𖺵𖺶𖺷𖺸𞤀𞤁𞤂𞤃𞤄𞤅𞤆𞤇𞤈𞤉𞤊𞤋𞤌𞤍𞤎𞤏𞤐𞤑𞤒𞤓𞤔𞤕𞤖𞤗𞤘𞤙𞤚𞤛𞤜𞤝𞤞𞤟'
      '𞤠𞤡',
      'абвгдежзиклмнопрстуфхцчшщъыьэюяαβγδεζηθικλμνξοπρστυφχψωæðøþđħłŋœŧђєѕіјљњћџɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵƣƥʀƨʃƭ'
      'ʈʊʋƴƶʒƹƽǥƕƿȝƞȣȥⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳͷϳϗϙϛϝϟϡϣϥϧϩϫϭϯϸϻͻͼͽѡѣѥѧѩѫѭѯѱѳѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӄӆӈӊӌӎ'
      'ӕәӡөӷӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆⴀⴁⴂⴃⴄⴅⴆⴇⴈⴉⴊⴋⴌⴍⴎⴏⴐⴑⴒⴓⴔⴕⴖⴗⴘⴙⴚⴛⴜⴝ'
      'ⴞⴟⴠⴡⴢⴣⴤⴥⴧⴭꭰꭱꭲꭳꭴꭵꭶꭷꭸꭹꭺꭻꭼꭽꭾꭿꮀꮁꮂꮃꮄꮅꮆꮇꮈꮉꮊꮋꮌꮍꮎꮏꮐꮑꮒꮓꮔꮕꮖꮗꮘꮙꮚꮛꮜꮝꮞꮟꮠꮡꮢꮣꮤꮥꮦꮧꮨꮩꮪꮫꮬꮭꮮꮯꮰꮱꮲꮳꮴꮵꮶꮷꮸꮹꮺꮻꮼꮽꮾꮿᏸᏹᏺᏻᏼᏽᲊაბგ'
      'დევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰჱჲჳჴჵჶჷჸჹჺჽჾჿßỻỽỿⅎↄⰰⰱⰲⰳⰴⰵⰶⰷⰸⰹⰺⰻⰼⰽⰾⰿⱀⱁⱂⱃⱄⱅⱆⱇⱈⱉⱊⱋⱌⱍⱎⱏⱐⱑⱒⱓⱔⱕⱖⱗⱘⱙⱚⱛⱜⱝⱞⱟⱡɫᵽ'
      'ɽⱨⱪⱬɑɱɐɒⱳⱶȿɀⲁⲃⲅⲇⲉⲋⲍⲏⲑⲓⲕⲗⲙⲛⲝⲟⲡⲣⲥⲧⲩⲫⲭⲯⲱⲳⲵⲷⲹⲻⲽⲿⳁⳃⳅⳇⳉⳋⳍⳏⳑⳓⳕⳗⳙⳛⳝⳟⳡⳣⳬⳮⳳꙁꙃꙅꙇꙉꙋꙍꙏꙑꙓꙕꙗꙙꙛꙝꙟꙡꙣꙥꙧꙩꙫꙭꚁꚃꚅꚇꚉꚋꚍꚏꚑꚓꚕꚗ'
      'ꚙꚛꜣꜥꜧꜩꜫꜭꜯꜳꜵꜷꜹꜻꜽꜿꝁꝃꝅꝇꝉꝋꝍꝏꝑꝓꝕꝗꝙꝛꝝꝟꝡꝣꝥꝧꝩꝫꝭꝯꝺꝼᵹꝿꞁꞃꞅꞇꞌɥꞑꞓꞗꞙꞛꞝꞟꞡꞣꞥꞧꞩɦɜɡɬɪʞʇʝꭓꞵꞷꞹꞻꞽꞿꟁꟃꞔʂᶎꟈꟊɤꟍ꟏ꟑꟓꟕꟗꟙꟛƛꟶ𐐨𐐩𐐪𐐫𐐬'
      '𐐭𐐮𐐯𐐰𐐱𐐲𐐳𐐴𐐵𐐶𐐷𐐸𐐹𐐺𐐻𐐼𐐽𐐾𐐿𐑀𐑁𐑂𐑃𐑄𐑅𐑆𐑇𐑈𐑉𐑊𐑋𐑌𐑍𐑎𐑏𐓘𐓙𐓚𐓛𐓜𐓝𐓞𐓟𐓠𐓡𐓢𐓣𐓤𐓥𐓦𐓧𐓨𐓩𐓪𐓫𐓬𐓭𐓮𐓯𐓰𐓱𐓲𐓳𐓴𐓵𐓶𐓷𐓸𐓹𐓺𐓻𐖗𐖘𐖙𐖚𐖛𐖜𐖝𐖞𐖟𐖠𐖡𐖣𐖤𐖥𐖦𐖧𐖨𐖩𐖪𐖫𐖬𐖭𐖮𐖯𐖰𐖱𐖳𐖴𐖵'
      '𐖶𐖷𐖸𐖹𐖻𐖼𐳀𐳁𐳂𐳃𐳄𐳅𐳆𐳇𐳈𐳉𐳊𐳋𐳌𐳍𐳎𐳏𐳐𐳑𐳒𐳓𐳔𐳕𐳖𐳗𐳘𐳙𐳚𐳛𐳜𐳝𐳞𐳟𐳠𐳡𐳢𐳣𐳤𐳥𐳦𐳧𐳨𐳩𐳪𐳫𐳬𐳭𐳮𐳯𐳰𐳱𐳲𐵰𐵱𐵲𐵳𐵴𐵵𐵶𐵷𐵸𐵹𐵺𐵻𐵼𐵽𐵾𐵿𐶀𐶁𐶂𐶃𐶄𐶅𑣀𑣁𑣂𑣃𑣄𑣅𑣆𑣇𑣈𑣉𑣊𑣋𑣌𑣍𑣎𑣏𑣐𑣑𑣒𑣓𑣔'
      '𑣕𑣖𑣗𑣘𑣙𑣚𑣛𑣜𑣝𑣞𑣟𖹠𖹡𖹢𖹣𖹤𖹥𖹦𖹧𖹨𖹩𖹪𖹫𖹬𖹭𖹮𖹯𖹰𖹱𖹲𖹳𖹴𖹵𖹶𖹷𖹸𖹹𖹺𖹻𖹼𖹽𖹾𖹿𖺻𖺼𖺽𖺾𖺿𖻀𖻁𖻂𖻃𖻄𖻅𖻆𖻇𖻈𖻉𖻊𖻋𖻌𖻍𖻎𖻏𖻐𖻑𖻒𖻓𞤢𞤣𞤤𞤥𞤦𞤧𞤨𞤩𞤪𞤫𞤬𞤭𞤮𞤯𞤰𞤱𞤲𞤳𞤴𞤵𞤶𞤷𞤸𞤹𞤺𞤻𞤼𞤽𞤾𞤿𞥀𞥁'
      '𞥂𞥃') END $f$;

  -- Trimmed, in lower case, without accents and format characters.
  CREATE OR REPLACE FUNCTION discogs.fold(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
  DECLARE
    folded text := lower(btrim($1, discogs.white_space()));
    before text;
    trimmed text;
    again boolean;
  BEGIN
    WHILE octet_length(folded) > length(folded) LOOP
      before := folded;
      again := false;
      IF folded ~ ('[' || discogs.format_characters() || ']') THEN
        -- A joiner inside a word shapes it, and stays.
        folded := regexp_replace(folded, '(?!\u200D)[' || discogs.format_characters() || ']'
          '|(?<![^\t-\r \u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000' || discogs.format_characters() || '])\u200D'
          '|\u200D(?![^\t-\r \u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000' || discogs.format_characters() || '])', '', 'g');
        again := true;
      END IF;
      folded := normalize(folded, NFKD);
      folded := discogs.lowered(folded);
      IF octet_length(folded) > length(folded) THEN
        IF folded ~ ('[' || discogs.marks() || ']') THEN
          folded := regexp_replace(folded, '([' || discogs.spelled_letters() || '])[' || discogs.marks() || ']+', '\1', 'g');
        END IF;
        folded := normalize(folded, NFC);
        IF folded ~ '[øłđßþðæœıς]' THEN
          folded := replace(replace(replace(replace(translate(folded, 'øłđðıς', 'olddiσ'), 'ß', 'ss'), 'þ', 'th'), 'æ', 'ae'), 'œ', 'oe');
        END IF;
      END IF;
      -- What is dropped may bring together what composes or is dropped in turn.
      trimmed := btrim(folded, discogs.white_space());
      again := (again OR trimmed <> folded) AND trimmed <> before;
      folded := trimmed;
      EXIT WHEN NOT again;
    END LOOP;
    RETURN folded;
  END $f$;

  -- The form of an artist in which case, accents, Discogs numbers, brackets, `Beatles, The`, `&`, apostrophes and white space
  -- make no difference.
  CREATE OR REPLACE FUNCTION discogs.normal_artist(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
  DECLARE
    form text := lower($1);
    before text;
    rest text;
    depth integer;
  BEGIN
    IF form ~ '^[a-z0-9]+( [a-z0-9]+)*$' THEN
      RETURN form;
    END IF;
    form := $1;
    -- A step may bring to the end what an earlier one would have dropped.
    LOOP
      before := form;
      form := discogs.fold(form);
      -- Numbers and brackets behind, however many.
      LOOP
        rest := form;
        IF right(form, 1) = ')' AND form ~ ('\([' || discogs.digits() || ']+\)$') THEN
          rest := rtrim(regexp_replace(form, '\([^()]*\)$', ''), discogs.white_space());
          IF rest = '' THEN rest := form; END IF;
        END IF;
        IF right(rest, 1) = ']' THEN
          depth := 0;
          FOR place IN REVERSE length(rest)..1 LOOP
            depth := depth + CASE substr(rest, place, 1) WHEN ']' THEN 1 WHEN '[' THEN -1 ELSE 0 END;
            IF depth = 0 THEN
              rest := coalesce(nullif(rtrim(left(rest, place - 1), discogs.white_space()), ''), rest);
              EXIT;
            END IF;
          END LOOP;
        END IF;
        EXIT WHEN rest = form;
        form := rest;
      END LOOP;
      IF form ~ ', (the|los|las|les|la|le|el|die|der|das|a|an|os|il)$' THEN
        form := regexp_replace(form, '^(.*), ([a-z]+)$', '\2 \1');
      END IF;
      form := replace(form, '&', ' and ');
      IF form ~ '[''’‘`´ʼ‛′]' THEN
        form := regexp_replace(form, '(?<=^|[\t-\r \u1680\u2028\u2029]|[^' || discogs.separators() || discogs.marks() || discogs.other_numbers() || '])[''’‘`´ʼ‛′]n[''’‘`´ʼ‛′]'
          '(?=[\t-\r \u1680\u2028\u2029]|[^' || discogs.separators() || discogs.marks() || discogs.other_numbers() || ']|$)', ' and ', 'g');
        rest := translate(form, '''’‘`´ʼ‛′', '');
        IF btrim(rest, discogs.white_space()) <> '' THEN form := rest; END IF;
      END IF;
      form := btrim(regexp_replace(form, '[' || discogs.white_space() || ']+', ' ', 'g'), ' ');
      EXIT WHEN form = before OR form ~ '^[a-z0-9]+( [a-z0-9]+)*$';
    END LOOP;
    RETURN form;
  END $f$;

  -- The form of a title in which case, accents and what a label writes behind it (`12"`, `(EP)`, ..) make no difference.
  CREATE OR REPLACE FUNCTION discogs.normal_title(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
  DECLARE
    form text := discogs.fold($1);
    rest text;
  BEGIN
    LOOP
      rest := form;
      IF right(form, 1) = '"' THEN
        rest := regexp_replace(form, '[' || discogs.digits() || ']*"$', '');
      -- No suffix is longer.
      ELSIF right(form, 1) = ')' AND right(form, 60) ~ ('\(([' || discogs.digits() || ']+|[' || discogs.digits() || ']+\s*(cd|lp)\s*set|reissue|(deluxe|expanded|anniversary|special|limited)\s+edition|bonus\s+tracks|ep|[' || discogs.digits() || ']*lp)\)$') THEN
        rest := regexp_replace(form, '\([^()]*\)$', '');
      END IF;
      rest := discogs.fold(rest);
      IF rest = form OR rest = '' THEN
        RETURN form;
      END IF;
      form := rest;
    END LOOP;
  END $f$;

  -- A form without its and-words and its leading article.
  CREATE OR REPLACE FUNCTION discogs.telling_words(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT regexp_replace(btrim(regexp_replace($1, '(^| )(and|n)(?= |$)', '', 'g'), ' '), '^(the|los|las|les|la|le|el|die|der|das|a|an|os|il) ', '') $f$;

  -- A form in which `$` is s and `!` between letters i.
  CREATE OR REPLACE FUNCTION discogs.plain_style(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $f$
    SELECT CASE WHEN strpos($1, '!') = 0 THEN replace($1, '$', 's')
      ELSE regexp_replace(replace($1, '$', 's'), '(?<=[^' || discogs.not_letters() || '])!(?=[^' || discogs.not_letters() || '])', 'i', 'g') END $f$;

  -- The loose form of an artist: letters and digits of the normal form, without a leading article and and-words; `ae`, `oe`,
  -- `ue` are the vowel alone. A name without letters and digits stays as it is.
  CREATE OR REPLACE FUNCTION discogs.loose_artist(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
  DECLARE
    form text := discogs.normal_artist($1);
    loose text := replace(discogs.telling_words(discogs.plain_style(form)), ' ', '');
  BEGIN
    IF loose ~ '[^a-z0-9]' THEN
      loose := regexp_replace(loose, '[' || discogs.separators() || ']+', '', 'g');
    END IF;
    loose := regexp_replace(loose, '([aou])e+', '\1', 'g');
    RETURN CASE loose WHEN '' THEN form ELSE loose END;
  END $f$;

  -- The loose form of a title, of an album or a track: letters and digits of the normal form, without a leading article and
  -- and-words; `rockin'` is `rocking`, `U.S.A.` one word. Editions, and numbers as words or Roman, stay: those are `text`'s.
  CREATE OR REPLACE FUNCTION discogs.loose_title(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
  DECLARE
    form text := discogs.normal_title($1);
    loose text := discogs.plain_style(form);
  BEGIN
    IF loose ~ '[''’‘`´ʼ]' THEN
      loose := regexp_replace(loose, '(?<=[^' || discogs.not_letters() || ']{2})in[''’‘`´ʼ](?![^' || discogs.not_letters() || '])', 'ing', 'g');
      loose := translate(loose, '''’‘`´ʼ', '');
    END IF;
    IF strpos(loose, '.') > 0 THEN
      loose := regexp_replace(loose, '(?<=(^|[\t-\r \u1680\u2028\u2029(.])[^' || discogs.not_letters() || '])\.(?=[^' || discogs.not_letters() || ']([.\t-\r \u1680\u2028\u2029)]|$))', '', 'g');
    END IF;
    IF loose ~ '[^a-z0-9 ]' THEN
      loose := regexp_replace(loose, '[' || discogs.separators() || ']+', ' ', 'g');
    END IF;
    loose := replace(discogs.telling_words(btrim(loose, ' ')), ' ', '');
    RETURN CASE loose WHEN '' THEN form ELSE loose END;
  END $f$;

  -- Letters and digits of a folded text: what search indexes hold. Articles and and-words are included, since a query can come
  -- with or without them. An index build computes millions: nearly all names are in scripts that need no normalization.
  CREATE OR REPLACE FUNCTION discogs.letters(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
  DECLARE
    form text := lower($1);
    letters text;
  BEGIN
    IF octet_length(form) > length(form) THEN
      IF form ~ '^[\u0001-\u007F\u00DF-\u00F6\u00F8-\u0125\u0128-\u0137\u0139-\u013E\u0141-\u0148\u014C-\u0165\u0168-\u017E\u01A0-\u01A1\u01AF-\u01B0\u0218-\u021B\u1EA0-\u1EF9\u2018-\u201D]+$' THEN
        -- For these letters unaccent is what fold is.
        form := lower(public.unaccent('public.unaccent'::regdictionary, form) COLLATE "C");
      ELSIF form ~ '^[\u0001-\u007F\u0390\u03AC-\u03CE\u0430-\u044F\u0450-\u045F\u0491\u05D0-\u05EA\u0621-\u063A\u0641-\u064A\u2018-\u201D\u3001-\u3007\u3041-\u3096\u30A1-\u30FC\u3400-\u4DBF\u4E00-\u9FFF\uAC00-\uD7A3]+$' THEN
        -- The accents of these, and nothing else, are to be dropped.
        IF form ~ '[йёѐѓїќѝўΐάέήίΰςϊϋόύώ]' THEN form := translate(form, 'йёѐѓїќѝўΐάέήίΰςϊϋόύώ', 'иеегікиуιαεηιυσιυουω'); END IF;
      ELSE
        form := discogs.fold(form);
      END IF;
    END IF;
    IF octet_length(form) > length(form) THEN
      letters := regexp_replace(discogs.plain_style(form), '[' || discogs.separators() || ']+', '', 'g');
    ELSE
      IF strpos(form, '!') > 0 THEN form := discogs.plain_style(form); END IF;
      letters := regexp_replace(replace(form, '$', 's'), '[^a-z0-9]+', '', 'g');
    END IF;
    RETURN CASE letters WHEN '' THEN discogs.fold($1) ELSE letters END;
  END $f$;

  -- The letters of a Latin text without `$` and `!`, for the next two functions; without these signs it takes half the time. Separate functions,
  -- since one that calls unaccent cannot be inlined into an index expression.
  CREATE OR REPLACE FUNCTION discogs.latin_letters(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
  BEGIN
    RETURN replace(lower(public.unaccent('public.unaccent'::regdictionary, $1) COLLATE "C"), ' ', '');
  END $f$;
  CREATE OR REPLACE FUNCTION discogs.latin_letters_among_signs(text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $f$
  BEGIN
    RETURN regexp_replace(replace(lower(public.unaccent('public.unaccent'::regdictionary, $1) COLLATE "C"), ' ', ''), '[^a-z0-9]+', '', 'g');
  END $f$;

  -- The letters of a name and a title, without the number after an artist and without a label's suffix after a title. Nearly all rows
  -- can skip most steps of a form.

  CREATE OR REPLACE FUNCTION discogs.artist_letters(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
      WHEN octet_length($1) = length($1) THEN CASE
        WHEN $1 !~ '[^A-Za-z0-9 ]' THEN replace(lower($1 COLLATE "C"), ' ', '')
        WHEN $1 !~ '[$!]|^[^A-Za-z0-9]*(\([0-9]+\) *)?$' THEN regexp_replace(replace(lower($1 COLLATE "C"), ' ', ''), '[^a-z0-9]*\([0-9]+\)$|[^a-z0-9]+', '', 'g')
        ELSE discogs.letters(regexp_replace($1, '(\S)\s*\([0-9]+\)\s*$', '\1')) END
      WHEN $1 !~ '[^A-Za-z0-9 \u00C0-\u00D6\u00D8-\u00F6\u00F8-\u0125\u0128-\u0137\u0139-\u013E\u0141-\u0148\u014C-\u0165\u0168-\u017E]' THEN discogs.latin_letters($1)
      WHEN $1 !~ '[^A-Za-z0-9 \u0391-\u03A1\u03A3-\u03A9\u03B1-\u03C1\u03C3-\u03C9\u0410-\u0418\u041A-\u0438\u043A-\u044F\u05D0-\u05EA\u0621-\u063A\u0641-\u064A\u3041-\u3096\u30A1-\u30FA\u30FC\u3400-\u4DBF\u4E00-\u9FFF\uAC00-\uD7A3]' THEN replace(discogs.lowered($1), ' ', '')
      WHEN right($1, 1) <> ')' AND $1 !~ '[^\u0001-\u0020"#%-\u007F\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u0125\u0128-\u0137\u0139-\u013E\u0141-\u0148\u014C-\u0165\u0168-\u017E]' THEN discogs.latin_letters_among_signs($1)
      ELSE discogs.letters(CASE WHEN right($1, 1) = ')' THEN regexp_replace($1, '(\S)\s*\([0-9]+\)\s*$', '\1') ELSE $1 END) END $f$;

  CREATE OR REPLACE FUNCTION discogs.title_letters(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$
    SELECT CASE
      WHEN octet_length($1) = length($1) THEN CASE
        WHEN $1 !~ '[^A-Za-z0-9 ]' THEN replace(lower($1 COLLATE "C"), ' ', '')
        -- Whatever looks like the end of a suffix.
        WHEN right(rtrim($1), 4) ~ '"$|([0-9]|[Ss][Ee][Tt]|[Ss][Uu][Ee]|[Oo][Nn]|[Cc][Kk][Ss]|[EeLl][Pp])\)$' THEN discogs.letters(discogs.normal_title($1))
        WHEN $1 !~ '[$!]|^[^A-Za-z0-9]*$' THEN regexp_replace(replace(lower($1 COLLATE "C"), ' ', ''), '[^a-z0-9]+', '', 'g')
        ELSE discogs.letters($1) END
      WHEN $1 !~ '[^A-Za-z0-9 \u00C0-\u00D6\u00D8-\u00F6\u00F8-\u0125\u0128-\u0137\u0139-\u013E\u0141-\u0148\u014C-\u0165\u0168-\u017E]' THEN discogs.latin_letters($1)
      WHEN $1 !~ '[^A-Za-z0-9 \u0391-\u03A1\u03A3-\u03A9\u03B1-\u03C1\u03C3-\u03C9\u0410-\u0418\u041A-\u0438\u043A-\u044F\u05D0-\u05EA\u0621-\u063A\u0641-\u064A\u3041-\u3096\u30A1-\u30FA\u30FC\u3400-\u4DBF\u4E00-\u9FFF\uAC00-\uD7A3]' THEN replace(discogs.lowered($1), ' ', '')
      WHEN right(rtrim($1), 4) ~ '["\uFF02\uFF09]$|([^A-Za-z]|[Ss][Ee][Tt]|[Ss][Uu][Ee]|[Oo][Nn]|[Cc][Kk][Ss]|[EeLl][Pp])\)$' THEN discogs.letters(discogs.normal_title($1))
      WHEN $1 !~ '[^\u0001-\u0020"#%-\u007F\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u0125\u0128-\u0137\u0139-\u013E\u0141-\u0148\u014C-\u0165\u0168-\u017E]' THEN discogs.latin_letters_among_signs($1)
      ELSE discogs.letters($1) END $f$;

  -- The keys of the search indexes. Different letters may share one.
  CREATE OR REPLACE FUNCTION discogs.artist_key(text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT hashtext(discogs.artist_letters($1)) $f$;
  CREATE OR REPLACE FUNCTION discogs.title_key(text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ SELECT hashtext(discogs.title_letters($1)) $f$;

  GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA discogs TO PUBLIC;
END $forms$;
