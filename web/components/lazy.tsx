import { type FunctionComponent, h } from "preact";
import { useEffect, useState } from "preact/hooks";
import { text } from "../state/settings.ts";
import { Failure, Loading } from "./notice.tsx";

/**
 * A component whose code is loaded when it is first shown: a script of its own (tasks/web.ts). Meanwhile there is a
 * spinner; where the script cannot be had, a word of that and a button to try again.
 */
export function lazy<Props extends object>(
  load: () => Promise<FunctionComponent<Props>>,
): FunctionComponent<Props> {
  let loaded: FunctionComponent<Props> | undefined;
  return function Lazy(props: Props) {
    const [failed, setFailed] = useState(false);
    const [, countLoads] = useState(0);
    const begin = () => {
      setFailed(false);
      load().then((component) => {
        loaded = component;
        countLoads((loads) => loads + 1);
      }, () => setFailed(true));
    };
    useEffect(() => {
      if (!loaded) begin();
    }, []);
    if (loaded) return h<object>(loaded as FunctionComponent<object>, props);
    return failed ? <Failure message={text.value.cannotLoad} onRetry={begin} /> : <Loading />;
  };
}
