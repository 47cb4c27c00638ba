// Puts GraphiQL on the page: its tabs, its plugins and its connection to our own endpoint.
import './workers.js';
import 'monaco-graphql/esm/monaco-editor.js'; // here and not lazily, so that its styles are in our one file
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './page.css';

import { GraphiQL } from 'graphiql';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { createRoot } from 'react-dom/client';

import { endpoint, graphqlFetcher } from './endpoint.js';
import { ExampleHeaders, examplesPlugin, fetchExamples, tabOf } from './examples.jsx';
import { headerlessStorage, storesTabs } from './storage.js';

const WELCOME = `# Loyalty Graph
#
# Put your token into Headers below: { "Authorization": "Bearer ..." }
# then press the play button, or Ctrl-Enter.

query Programs {
  programs {
    key
    name
  }
}
`;

function Page({ examples, storage, firstVisit }) {
  const tabs = examples.map(tabOf);
  const plugins = [...(examples.length ? [examplesPlugin(examples)] : []), HISTORY_PLUGIN];
  // GraphiQL makes tabs of all of defaultTabs, but fills its editors from initial* alone; on later
  // visits initial* would open one more tab, so they are for the first one only.
  const first = firstVisit && tabs.length ? tabs[0] : {};
  return (
    <GraphiQL
      fetcher={graphqlFetcher(endpoint(), examples[0]?.headers)}
      storage={storage}
      defaultQuery={WELCOME}
      defaultTabs={tabs.length ? tabs : undefined}
      initialQuery={first.query}
      initialVariables={first.variables}
      initialHeaders={first.headers}
      plugins={plugins}
      visiblePlugin={firstVisit && examples.length ? plugins[0] : undefined}
      defaultEditorToolsVisibility="variables"
      isHeadersEditorEnabled
      shouldPersistHeaders={false}
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>
        <strong>Loyalty Graph</strong>
      </GraphiQL.Logo>
      <ExampleHeaders examples={examples} />
    </GraphiQL>
  );
}

const storage = headerlessStorage();
const firstVisit = !storesTabs(storage);
const examples = await fetchExamples(endpoint());
createRoot(document.getElementById('page')).render(
  <Page examples={examples} storage={storage} firstVisit={firstVisit} />,
);
