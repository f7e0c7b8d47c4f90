import { Sorter } from "./sorter";

export default function Page() {
  return (
    <main>
      <h1>Is it spam?</h1>
      <Sorter />
    </main>
  );
}
