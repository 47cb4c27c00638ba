// Speaks GraphQL over HTTP to the address this page was loaded from, and to no other.

/** The endpoint's address, without query string: the page is served at it. */
export function endpoint() {
  return location.pathname.replace(/\/+$/, '');
}

async function answerOf(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return { errors: [{ message: `HTTP ${response.status}: ${text || response.statusText}` }] };
  }
}

/**
 * GraphiQL learns an operation's name a moment after a tab was picked: who runs it at once would
 * send the last tab's name. A name the document does not have is left out, as one alone needs none.
 */
function withKnownName({ operationName, ...params }) {
  const named = new RegExp(`\\b(query|mutation|subscription)\\s+${operationName}\\b`);
  return operationName && named.test(params.query) ? { ...params, operationName } : params;
}

/**
 * GraphiQL's fetcher. The documentation is asked for before the headers pane is filled: that one
 * request goes out with the first example's headers, so that the explorer works from the start.
 */
export function graphqlFetcher(address, introspectionHeaders = {}) {
  return async (params, options) => {
    const own = options?.headers ?? {};
    const asksForSchema = params.operationName === 'IntrospectionQuery';
    const response = await fetch(address, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json;q=0.9',
        ...(asksForSchema && Object.keys(own).length === 0 ? introspectionHeaders : own),
      },
      body: JSON.stringify(withKnownName(params)),
    });
    return answerOf(response);
  };
}
