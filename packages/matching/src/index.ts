export { albumGroups, type LibrarySize } from './albums.js';
export { ArtistSpelling } from './artist-spelling.js';
export { packBasis, unpackBasis, type MatchBasis, type PackedBasis } from './basis.js';
export { Classifier } from './classifier.js';
export {
  coverageKind,
  coverageText,
  measureCoverage,
  type AlbumStatus,
  type CoveredLibrary,
  type DoubtfulAlbum,
  type LibraryCoverage,
  type MissingAlbum,
} from './coverage-file.js';
export {
  closeness,
  defaultScoreCutoff,
  doubtfulArtistCutoff,
  reviewCutoff,
  rulesVersion,
  selfTitledArtistCutoff,
  similarArtistCutoff,
  type Closeness,
  type Credit,
  type Decision,
  type DecisionCounts,
  type Release,
  type Rule,
} from './decision.js';
export {
  decisionColumns,
  decisionsKind,
  decisionValues,
  isEarlierDecisionsFile,
  isScored,
} from './decisions-file.js';
export { basisFingerprint } from './fingerprint.js';
export { LibraryIndex, type LibraryArtist, type LibraryIndexData } from './library-index.js';
export { rowsFingerprint, type LibraryColumns, type LibraryRow } from './library-row.js';
export { mappingsKind, readMappings, unmetKeys, writeMappings, type Mappings } from './mappings.js';
export { aliasesColumns, readAliases, readAlternates } from './name-files.js';
export { NameList } from './name-list.js';
export { NameScreen, type KnownNames } from './name-screen.js';
export {
  NearestReleases,
  type AlbumFinds,
  type AlbumNews,
  type Missing,
  type NearRelease,
} from './nearest.js';
export { readIds } from './release-ids.js';
export { ReleaseScreen, verdicts, type TextPlace, type Verdict } from './screen.js';
export {
  packSelection,
  Selection,
  type PackedSelection,
  type SelectionOptions,
} from './selection.js';
export { titleReadings, titleScore } from './title-score.js';
