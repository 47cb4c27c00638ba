// What GraphiQL may remember between visits: everything but request headers, for they carry tokens.

const TABS = 'graphiql:tabState';
const HISTORY = ['graphiql:queries', 'graphiql:favorites'];

/** Tabs are only taken back where each has headers, if only null; history does without. */
function withoutHeaders(key, text) {
  if (key !== TABS && !HISTORY.includes(key)) return text;
  const instead = key === TABS ? null : undefined;
  return JSON.stringify(JSON.parse(text), (name, value) => (name === 'headers' ? instead : value));
}

function browserStorage() {
  try {
    localStorage.getItem(TABS);
    return localStorage;
  } catch {
    return undefined; // the browser keeps nothing for this page: the visit works, and is forgotten
  }
}

/**
 * A Storage over localStorage. GraphiQL leaves headers out of the tabs, but its history keeps
 * them with every query that was run: here they are dropped from all it writes.
 */
export function headerlessStorage() {
  const kept = browserStorage();
  const ownKeys = () => Object.keys(kept ?? {}).filter((key) => key.startsWith('graphiql:'));
  return {
    getItem(key) {
      return kept?.getItem(key) ?? null;
    },
    setItem(key, value) {
      if (key !== 'graphiql:headers') kept?.setItem(key, withoutHeaders(key, value));
    },
    removeItem(key) {
      kept?.removeItem(key);
    },
    clear() {
      for (const key of ownKeys()) kept.removeItem(key);
    },
    get length() {
      return ownKeys().length;
    },
  };
}

/** Whether an earlier visit left tabs to come back to. */
export function storesTabs(storage) {
  try {
    return JSON.parse(storage.getItem(TABS)).tabs.length > 0;
  } catch {
    return false;
  }
}
