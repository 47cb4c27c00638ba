// The server's working examples: as tabs on the first visit, and in a panel ever after.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect } from 'react';

/**
 * The list at <endpoint>/examples.json: [{title, query, variables?, headers?}]. Ids and tokens
 * differ per installation, so the page holds none. Without an answer it starts empty.
 */
export async function fetchExamples(endpoint) {
  try {
    const response = await fetch(`${endpoint}/examples.json`, { headers: { accept: 'application/json' } });
    return response.ok ? (await response.json()).examples : [];
  } catch {
    return [];
  }
}

const pretty = (value) =>
  value && Object.keys(value).length ? JSON.stringify(value, null, 2) : '';

/** An example as GraphiQL's tabs take it: all three panes as text. */
export function tabOf({ title, query, variables, headers }) {
  return { query: `# ${title}\n\n${query.trim()}\n`, variables: pretty(variables), headers: pretty(headers) };
}

function ExamplesPanel({ examples }) {
  const { addTab, updateActiveTabValues } = useGraphiQLActions();
  const { queryEditor, variableEditor, headerEditor } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
    headerEditor: state.headerEditor,
  }));
  function open(example) {
    const tab = tabOf(example);
    addTab();
    updateActiveTabValues(tab); // at once: what the editors report arrives a moment later
    queryEditor?.setValue(tab.query);
    variableEditor?.setValue(tab.variables);
    headerEditor?.setValue(tab.headers);
  }
  return (
    <section aria-label="Examples" className="examples">
      <h2>Examples</h2>
      <p>Each opens in a tab of its own and runs as it is.</p>
      <ul>
        {examples.map((example) => (
          <li key={example.title}>
            <button type="button" onClick={() => open(example)}>
              {example.title}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ExamplesIcon() {
  return (
    <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d="M3 4h14v12H3zM3 8h14M6.5 11.5h4M6.5 13.8h7" />
    </svg>
  );
}

export function examplesPlugin(examples) {
  return {
    title: 'Examples',
    icon: ExamplesIcon,
    content: () => <ExamplesPanel examples={examples} />,
  };
}

/** The headers an example brought for this tab: the same text, or the same operation's name. */
function headersFor(tab, tabs) {
  const same =
    tabs.find((each) => each.query === tab.query) ??
    tabs.find((each) => new RegExp(`\\b(query|mutation)\\s+${tab.title}\\b`).test(each.query));
  return same?.headers ?? '';
}

/**
 * Headers are never stored, so tabs that come back have none (null): those that stem from an
 * example get its headers again when they are looked at. Headers someone emptied stay empty.
 */
export function ExampleHeaders({ examples }) {
  const { tab, headerEditor } = useGraphiQL((state) => ({
    tab: state.tabs[state.activeTabIndex],
    headerEditor: state.headerEditor,
  }));
  useEffect(() => {
    if (!headerEditor || tab.headers !== null) return;
    const headers = headersFor(tab, examples.map(tabOf));
    if (headers) headerEditor.setValue(headers);
  }, [tab.id, headerEditor]);
  return null;
}
